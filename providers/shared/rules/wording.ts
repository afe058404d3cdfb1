import type { FailureRule } from "../failure-rule.ts";

/**
 * What failures are called in words, as families rather than as any one provider's sentence. The
 * order matters and is explained in classify.ts; each family says where it does not hold.
 */

const hour = 3_600_000;

/** Statuses under which words about capacity or throttling cannot mean the provider's state. */
const ofTheRequest = [400, 401, 403, 404, 405, 410, 413, 415, 422];
const notThrottles = [401, 404, 405, 410, 413, 415];

const perMinute =
  /\bper[ -]?(?:1 ?)?(?:minute|min|second|sec)s?\b|\bevery (?:\d+ )?(?:minute|second)s?\b|\/ ?(?:min|minute|sec|second|s)\b|\b(?:rpm|tpm|itpm|otpm|qps|rps|qpm|tps|ipm)\b|tokens_per_minute|requests_per_minute|\bper (?:60|1|10|30)s\b|每分钟|每秒|分钟内|qps|频率(?:上限|限制)|请求(?:过于)?频繁|并发/;
const concurrency =
  /concurren(?:t|cy)[^\n]{0,60}(?:limit|exceed|reach|max|too many|usage|reduce)|(?:limit|exceed|max(?:imum)?|too many|high)[^\n]{0,60}concurren(?:t|cy)|(?:simultaneous|parallel) (?:requests|connections)|in-?flight requests/;
const perDay =
  /\b(?:per|a|each|every|this|next|rolling)[ -](?:calendar )?(?:day|week|month|billing cycle|billing period)\b|\b(?:daily|weekly|monthly|hebdomadaire|quotidien\w*)\b|\b(?:rpd|tpd)\b|\/ ?(?:day|week|month)\b|\bper 86400s\b|(?:24|5|five)[- ]?h(?:ou)?rs?[^\n]{0,20}(?:limit|quota|window|usage)|session (?:usage )?limit|今日|当日|每日|每天|每周|每月|本月|小时的使用上限|per_?day/;
const throttled =
  /rate[ -]?limit|too many requests|too many (?:tokens|calls)|throttl|slow(?:ing)? down|request(?:s)? (?:rate|frequency)|(?:reduce|lower|decrease)[^\n]{0,20} (?:rate|frequency|concurrency)|limit (?:reached|exceeded)|(?:exceed|reach|hit)\w*[^\n]{0,80} limit|限流|超过[^\n]{0,20}(?:限制|上限)|请求过多|过于频繁/;

const accountShut =
  /\b(?:account|organi[sz]ation|resource|project|consumer|workspace|team|tenant|subscription|user|api[ -]?key|key|access|billing account)\b[^\n]{0,100}\b(?:suspended|disabled|deactivated|restricted|locked|banned|blocked|terminated|revoked|closed|frozen|deleted|not active|inactive|reported as leaked)\b|account has irregular|service unavailable for account|账[户号][^\n]{0,20}(?:锁定|封禁|冻结|禁用|停用|违规)|已被(?:锁定|封禁|禁用)/;
const money =
  /insufficient[ _](?:account[ _])?(?:balance|credits?|funds?|quota|resources? package)|(?:balance|credits?|funds?|quota|allowance|allocation|free tier|free quota|trial|package|unit hours?|tokens? (?:quota|plan))\b[^\n]{0,60}(?:not enough|insufficient|too low|exhausted|depleted|empty|used up|run out|expired|(?:has|have|was|been|is) exceeded|is negative)|(?:used up|ran? out of|out of|exhausted|exceeded|consumed|spent|no (?:more |remaining )?|lack|not enough|(?:not|don't|do not|doesn't) have (?:enough|any|sufficient))[^\n]{0,60}\b(?:credits?|balance|funds|(?:free|trial)(?: trial| tier| usage)? (?:allocation|allowance|quota|tier|usage)|allocation|neurons|extra usage)\b|out of (?:call |request |usage )?(?:volume )?quota|service has been paused|check your (?:account )?balance|exceeded (?:your|the|its|my) (?:current |monthly |account |api |assigned |available |usage )?(?:token |request )?(?:quota|budget|spend\w*|credit\w*)|(?:exceeds? the service quota)|plan and billing|(?:billing|spend(?:ing)?|credit|usage|cost|budget|payment|consumption)[ -](?:hard |soft |cap )?(?:limit|cap|threshold)s?\b|budget (?:has been |was |is )?(?:exceeded|exhausted|reached)|(?:exceed|over|reach)\w* (?:the |your |its )?(?:\w+ )?budget|billing (?:for [^\n]{0,60} )?(?:is |has )?(?:not |been )?(?:active|enabled|disabled|details|to be enabled)|enable billing|billing to be enabled|payment[ -]?(?:is )?(?:required|failed|method)|(?:past|over)[ -]?due|in arrears|arrearage|overdue|good standing|unpaid|purchase (?:more |additional |extra )?(?:credits?|usage)|(?:add|buy) (?:more |extra )?(?:credits?|funds|usage)|(?:more|additional) credits are required|requires (?:more |extra )?(?:credits|usage)|can only afford|top[ -]?up|\brecharge\b|plan (?:has |is )?expired|subscription (?:has |is )?(?:expired|ended|cancell?ed)|credits? (?:have |has )?(?:restricted|expired)|prepaid|欠费|余额(?:不足|已用|耗尽|为)|充值|额度(?:不足|已用|用尽|耗尽|超)|配额(?:不足|已用|用尽|耗尽|超)|资源包|续费|续订|套餐[^\n]{0,20}(?:到期|过期|用尽)|预扣费|剩余额度|付费|免费额度/;

const neverFits =
  /(?:request|prompt|message|payload|body|input|content|file|image|attachment|document)s?\b[^\n]{0,40}\b(?:is |was |are )?too (?:large|big)(?! to process)(?! for model with)|(?:payload|request|body|content|file|image)s?(?: body| payload| content)?(?: size)?[^\n]{0,30}exceed[^\n]{0,50}(?:size|bytes|\bmb\b|\bkb\b|maximum|limit: \d+ bytes)|entity too large|(?:exceeds?|over|larger than) (?:the )?(?:maximum |max |allowed )*(?:request|body|payload|file|image|upload)(?: body| content)? size|maximum (?:request|payload|body|content)(?: body)?(?: size| length)|(?:messages|input|prompt|content)[^\n]{0,60}string too long|请求体?过大|文件过大/;

const moderated =
  /content[ _-](?:management|safety|moderation|filter\w*|polic(?:y|ies)|violation|security|risk|exists risk)|content that (?:may )?violat|(?:usage|safety|acceptable use|community|use) (?:polic(?:y|ies)|guidelines|standards)|safety (?:system|filter|check|setting|reason|policy|guard|violation)|(?:as|for) unsafe\b|moderation|\bflagged\b|(?:sensitive|inappropriate|prohibited|harmful|unsafe|explicit|disallowed|objectionable|illegal|offensive)[ _](?:content|words?|information|material|text|input|output|data|language|topic)|new_sensitive|content exists risk|(?:considered|deemed)[^\n]{0,12} (?:high[- ]risk|unsafe|harmful)|deny-?list|block-?list|banned words?|blocked (?:by|due to|because)[^\n]{0,40}(?:content|safety|guardrail|security config|polic|filter|moderation|provider)|guardrail|\b(?:prompt|input|response|output|content|completion|text)(?: you provided)?[^\n]{0,40}\b(?:was |is |been |were )?blocked\b|responsible ?ai|\bcsam\b|敏感|违规(?:内容|信息|词)|不安全|不合规|内容(?:安全|审核|风险)|安全(?:审核|策略|风险)|涉(?:黄|政|暴)|违反[^\n]{0,16}(?:规定|政策|法律)/;

const tooLong =
  /(?:context|prompt|input|sequence)[ _-]?(?:length|window|size|limit)[^\n]{0,60}(?:exceed|limit|maximum|too|over|larger|longer|of this model|\(\d|is only|reached)|(?:exceed|longer|larger|greater|beyond|above|over|surpass|too (?:long|large|big)|maximum|max)\w*[^\n]{0,80}(?:context[ _-]?(?:length|window|size|limit)|context of|prompt length|\bn_ctx\b|model length|max_model_len|max_position_embeddings|sequence length)|(?:prompt|input|message|conversation|query|context|request|text)s?(?: tokens?| content| text| length| sequence| count){0,3}(?: is| are| was)? too long|too long[^\n]{0,30}(?:prompt|input|context)|reduce (?:the |your )?(?:length|size|number)? ?(?:of )?(?:the |your )?(?:messages?|prompts?|inputs?|context|tokens)|(?:shorten|truncate) (?:the |your )?(?:messages?|prompts?|inputs?|context|conversation)|(?:shorter|smaller) (?:input|prompt|context)|(?:input|prompt|total|estimated|request)[^\n]{0,30}tokens?\b[^\n]{0,80}(?:exceed|greater than|more than|larger than|must be (?:<=|less)|over|cannot exceed|too many)|tokens?[^\n]{0,50}exceed[^\n]{0,60}(?:model|context|maximum (?:number of tokens|tokens)|token limit|window)|exceed(?:s|ed)?[^\n]{0,30}(?:model|maximum|max|context|input)[^\n]{0,20}token(?:s)?(?: limit| count| number)?|too many (?:input |prompt )?tokens[^\n]{0,80}(?:prompt|cannot exceed|context|input|maximum|max|model)|(?:number of )?tokens to keep[^\n]{0,60}greater than|range of input length should be|(?:inputs?|prompts?)[`'"]? (?:tokens )?must (?:have|be) (?:less|fewer|shorter|at most|under|below)|inputs?[`'"]? tokens \+|max(?:imum)? input (?:characters|chars|tokens|length)|max_(?:new_)?tokens[^\n]{0,6}must be (?:at least|>=|greater than(?: or equal to)?) [01][^\n]{0,8}got -\d|input is too large to process|increase the physical batch size|does not fit (?:in|into) (?:the )?(?:context|kv)|available context|tokens?\b[^\n]{0,30}超|(?:prompt|输入|上下文|文本|内容|请求|消息|长度)[^\n]{0,12}(?:超长|过长|超过|超出)[^\n]{0,12}(?:长度|限制|上限|最大|token|窗口)?/;
const outputParameter =
  /maximum allowed number of output tokens|(?:at most|maximum of|up to) \d+ (?:completion|output) tokens|max_(?:completion_|output_|new_)?tokens[^\n]{0,40}(?:is too large|too large|must be (?:less|smaller|<|between|in|a positive|positive|an integer)|should be|range|invalid|exceeds? the (?:model's )?(?:maximum )?(?:output|completion))|valid range of max_tokens|max_tokens(?:'|`|")?: ?\d+ ?>|only one of|(?:not supported|unsupported)[^\n]{0,30}max_tokens|max_tokens' is not supported|maximum tokens (?:you requested|value)|decimal/;

const capability =
  "(?:the )?(?:[`'\"])?(?:tools?(?:[ _-]?(?:use|usage|calls?|calling|choice))?|functions?(?:[ _-]?(?:call(?:s|ing)?|tools?))?|images?(?:[ _-]?(?:inputs?|urls?|content|understanding))?|vision|visual|audio|video|pdfs?|files?|documents?|multi-?modal(?:ity)?|modalit(?:y|ies)|json[ _-]?(?:schema|mode|object|output)s?|structured[ _-]outputs?|response_?format(?:s)?|grammar|guided|stream(?:ing)?|system[ _](?:prompt|role|message|instruction)s?|developer[ _](?:role|message|instruction|prompt)s?|chat(?:[ _.]?completions?)?|completions?|generat(?:e|ion)|embed(?:ding)?s?|insert|suffix|thinking|reasoning|logprobs|prefill|assistant prefill|prompt caching|web[ _]?search|batch(?:ing)?|tool_choice|parallel[ _]tool[ _]calls|parallel function calling|code execution|this (?:operation|feature|method|endpoint)|operation)(?:[`'\"])?";
const lacks = new RegExp(
  [
    `(?:does not|doesn't|do not|don't|cannot|can't|not able to|unable to|won't) (?:currently |yet )?(?:support|accept|handle|process|do|perform|run|use) ${capability}`,
    `${capability}(?: (?:input|inputs|is|are|was|use|mode|type|content|param(?:eter)?|'[^'\\n]{0,40}'|of type '?[a-z_]{1,20}'?)){0,4} (?:is |are )?(?:not|isn't|aren't|un)[ -]?(?:currently |yet )?(?:supported|enabled|available|implemented|allowed|compatible)`,
    `unsupported for ${capability}`,
    `(?:not support(?:ed)?|unsupported)(?: (?:content|input|message|part))?(?: type)?(?: by this model)?:? ?(?:value: )?${capability}(?![^\\n]{0,8}: (?:expected|must))`,
    `no endpoints found that (?:can )?support`,
    `unknown variant ['\`"]?(?:image|input_audio|file|video|audio)`,
    `(?:image_url|images?|audio|video|tools?|function calling|json_schema|structured outputs?) (?:is|are) only (?:supported|available)`,
    `(?:requires?|needs?|without) (?:the )?['\`"]?--(?:jinja|enable-auto-tool-choice|tool-call-parser|mmproj|reasoning-parser)`,
    `(?:is )?not an? (?:multi-?modal|vision|vlm|vision[- ]language|chat|text|generative|embedding|instruct|conversational|completion)[^\\n]{0,20}model`,
    `at most 0 (?:image|audio|video)`,
    `only supported in v1/|not (?:a chat model and thus not )?supported in the v1/|does not work with the specified model`,
    `response_format type is unavailable`,
    `role'? does not support '(?:system|developer)'`,
    `missing (?:the )?(?:mmproj|vision|multimodal|data required for)`,
    `must be verified to stream`,
    `(?:模型|接口)?不支持[^\\n]{0,12}(?:图[片像]|工具|函数|视觉|音频|视频|多模态|流式|该(?:操作|接口|功能)|调用方法)`,
  ].join("|"),
);
const parameterOnly =
  /unsupported (?:parameter|value): ['"`](?!messages\[\d{1,4}\]\.role|tools?\b|functions?\b|response_format|image|stream\b|tool_choice|system)/;

const modelGone =
  /\bmodels?\b[^\n]{0,160}(?:not found|(?:does|do|did) ?n[o']t exist|not exist|is not (?:currently |yet )?(?:available|supported|a valid|valid|recogni[sz]ed|found|enabled|deployed|loaded|active|open|allowed|served|activated)|isn't (?:available|supported|loaded|deployed)|not (?:available|supported|activated|been deployed|deployed|permitted|included) |no longer (?:available|supported|served|exists)|has been (?:decommissioned|deprecated|retired|removed|shut ?down|sunset|discontinued|disabled|taken offline)|(?:was|is|are) (?:decommissioned|deprecated|retired|discontinued|sunset)|end of (?:its )?life|marked by provider as legacy|not supported by|identifier is invalid|isn't supported|not have access)|(?:unknown|invalid|unsupported|unrecogni[sz]ed|non-?existent|no such|unavailable|incorrect|wrong) model\b|not a valid model|invalid model (?:id|name)|no (?:models?|endpoints?|allowed providers|providers?) (?:found|loaded|available|matching|support|are)|deployment[^\n]{0,60}(?:not exist|not found)|endpoint[^\n]{0,60}(?:does not exist|not exist|not found|closed)|(?:no|not have|don't have|doesn't have|denied|without) access to (?:the |this )?(?:requested |specified )?model|access to (?:the )?model[^\n]{0,60}(?:denied|not allowed|is not)|unable to access (?:the |non-serverless )?model|not found the model|model[^\n]{0,80} blocked at the (?:project|organi[sz]ation)|model (?:access|use) (?:is )?(?:denied|case details)|function [^\n]{0,60}not found|must be verified to use|manifest[^\n]{0,40}(?:not exist|not found)|\bmodel (?:is )?(?:disabled|offline)\b|requires? (?:terms|licen[cs]e|eula) acceptance|on-demand throughput isn't supported|try pulling it|requires a (?:workers )?paid plan|模型[^\n]{0,40}(?:不存在|未找到|已下线|下线|不可用|未开通|未激活|没有权限)|暂未开放|无可用(?:渠道|模型)/;

const unauthorised =
  /(?:api|access|secret|subscription|auth|bearer|security|oauth|jwt|id)[ _-]?(?:key|token)s?\b[^\n]{0,80}(?:invalid|incorrect|wrong|missing|expired|not valid|not found|not provided|required|revoked|disabled|denied|malformed|not allowed|leaked|not exist|does not match|unable to)|(?:invalid|incorrect|wrong|missing|expired|no|bad|malformed|provide (?:an?|your|a valid)|pass a valid|valid)[^\n]{0,20} (?:(?:api|access|secret|subscription|auth|x-api)[ _-]?(?:key|token)|x-api-key|authorization|authentication|credentials?|signature)|authenticat(?:ion|e)\b[^\n]{0,40}(?:fail|error|required|invalid|not (?:currently )?allowed|denied|missing|未)|authentication fails|unauthori[sz]ed|unauthenticated|not (?:been )?(?:authori[sz]ed|authenticated|logged in|signed in)|not permitted to|permission[^\n]{0,60}(?:denied|required|missing|insufficient)|(?:no|without|insufficient|lack\w*) permission|(?:access|request) (?:is |was )?(?:denied|forbidden)|access denied|request not allowed|operation not allowed|(?:disallowed|denied|prohibited|forbidden|blocked|not allowed) by [^\n]{0,40}(?:constraint|firewall|network|administrator|access (?:list|control))|\bforbidden\b|login fail|invalid token|token (?:is |has )?(?:invalid|expired)|(?:country|region|territory|location)[^\n]{0,60}(?:not (?:supported|available|allowed)|unsupported|blocked|restricted|prohibited)|(?:not (?:supported|available|allowed)|unsupported) (?:in|for|from) (?:your|this|the) (?:country|region|location|territory|current location)|request signature|令牌|鉴权|身份(?:验证|认证)|认证失败|无权|没有权限|密钥|api ?key[^\n]{0,12}(?:错误|无效|失效|过期)|token ?(?:非法|无效|失效|过期)|地区不支持/;

const overloadedWords =
  /overload(?!ed_error_code)|(?:over|at|out of|exceed\w*|insufficient|no|not enough|limited|lack of) (?:available )?capacity|capacity (?:is |has been |temporarily |was )*(?:exceeded|constraints?|limits?|unavailable|exhausted|reached|issue)|(?:high|heavy|peak|increased|unusual|exceptional|excessive) (?:demand|load|traffic|volume|usage of the model)|too busy|(?:servers?|service|system|engine|model|is|are|currently) (?:are |is )?(?:currently |temporarily |very |too |extremely )*busy|\bbusy\b[^\n]{0,30}(?:try|later|retry)|queue (?:is |was )?(?:full|too long|limit)|queue[^\n]{0,20}(?:full|exceeded)|(?:maximum|too many) (?:pending|queued|waiting) requests|(?:model|weights|currently|still|being|is|are) (?:is |are |still |currently |being )*(?:loading|loaded into|warming|starting up|initiali[sz]ing|booting)(?! fail)|^loading model|(?:server|runner) (?:is )?loading|not ready(?: yet)?|no healthy|no (?:available|free|idle) (?:servers?|workers?|instances?|channels?|slots?|gpus?|data ?centers?|deployments?|replicas?)|no more data ?centers|(?:service|model|server|api|endpoint|engine|system) (?:is )?(?:temporarily |currently )+(?:unavailable|overloaded|unable)|temporarily (?:unavailable|overloaded|unable)|service unavailable|scaled? (?:to zero|up)|cold start|requires? more (?:available )?(?:system |gpu |video )?memory|(?:not enough|insufficient) (?:available )?(?:system |gpu |video )?(?:memory|resources to load)|higher priority request|out of (?:gpu )?memory|no slots? available|访问量过大|繁忙|负载(?:过高|较高|过大|已饱和|饱和)|过载|排队|拥挤|资源不足|服务暂不可用|当前分组上游/;

const timedOut =
  /timed?[ -]?out\b|time-?out\b|deadline (?:exceeded|expired)|took too long|(?:operation|request) was timeout|超时/;

const broken =
  /\b(?:internal (?:server |service )?error|server (?:had|experienced|encountered) an error|unexpected (?:error|eof|condition)|something went wrong|crashed|has terminated|process (?:has )?(?:exited|terminated|no longer running)|connection (?:reset|refused|error|closed)|no such host|econnre|enotfound|cuda (?:error|out)|enginecore|degraded function|failed to (?:load|generate|get response|process|connect|fetch|call the upstream)|error (?:was )?encountered while running|stream (?:error|ended|closed|interrupted)|model is unloaded|backend (?:error|failed)|an error occurred (?:while|during|in)|upstream (?:error|failed|failure)|provider returned error|eof\b)|内部错误|系统错误|服务(?:器)?(?:异常|错误)|网络错误|上游/;
const brokenBehind =
  /\b(?:model|runner|engine|worker|process|backend|instance) (?:has |is |was |has been )?(?:crashed|unloaded|terminated|exited|died)\b|degraded function|\b(?:upstream|backend|origin)(?: \w+){0,2} (?:is )?(?:currently )?(?:unavailable|unreachable|failed|failure|timed out|disconnected|not responding|closed)|failed to (?:reach|connect to|get (?:a )?response from) (?:the )?(?:upstream|backend|provider|model server)/;

export const wordingRules: readonly FailureRule[] = [
  // A spent budget of requests in flight settles by itself.
  { as: "rate_limited", text: /in-?flight requests/, status: [402, 429] },
  // The account itself is shut; before moderation, since the reason given is often its policy.
  { as: "auth", text: accountShut, notStatus: [409, 423], unless: money },
  // A request that is larger than the allowance of a whole minute waits in vain.
  {
    as: "request_too_large",
    text: /request (?:is )?too large (?:for|on)|single request[^\n]{0,40}exceed|requested? tokens? exceed[^\n]{0,40}(?:rate|per)|(?:too large|max size:?)[^\n]{0,40}max size/,
    status: [200, 400, 413, 422, 429],
  },
  {
    as: "content_filter",
    text: moderated,
    notStatus: [401, 402, 404, 408, 429, 503, 529],
    unless: throttled,
  },
  // Before the windows: their texts advise a shorter prompt, and these name no window of time.
  {
    as: "bad_request",
    text: outputParameter,
    status: [200, 400, 422],
    unless: /\b(?:inputs?|prompts?|messages)[`'"]? (?:tokens|length|must)/,
  },
  {
    as: "context_length",
    text: tooLong,
    notStatus: [401, 402, 408, 429, 503, 504, 529],
    unless: /per minute|rate limit|payload size|\bbytes\b/,
  },
  { as: "request_too_large", text: neverFits, status: [200, 400, 403, 413, 422, 500] },
  {
    as: "quota_exhausted",
    text: perDay,
    status: [200, 400, 402, 403, 429],
    scope: "candidate",
    unless: money,
  },
  // Throttles by the minute advertise payment and upgrades; the window decides.
  { as: "rate_limited", text: concurrency, notStatus: [...notThrottles, 402] },
  { as: "rate_limited", text: perMinute, notStatus: [...notThrottles, 402, 500], unless: perDay },
  {
    as: "quota_exhausted",
    text: money,
    notStatus: [404, 405, 410, 413, 503],
    shortestWaitMs: hour,
  },
  // The words name no window, but the headers tell which one is used up.
  { as: "quota_exhausted", status: [429], exhausted: ["day", "month"], scope: "candidate" },
  {
    as: "quota_exhausted",
    text: /usage limit|quota[^\n]{0,30}(?:reset|refresh|exceed|reach|exhaust)|exhausted your capacity/,
    status: [200, 400, 402, 403, 429],
  },
  { as: "bad_request", text: parameterOnly, status: [400, 422] },
  { as: "unsupported", text: lacks, notStatus: [401, 402, 403, 408, 429, 503, 529] },
  {
    as: "auth",
    text: /no permission to use the model|permission[^\n]{0,80}denied on resource|unsupported (?:countr|territor)|countr(?:y|ies)[^\n]{0,40} not supported/,
  },
  { as: "model_not_found", text: modelGone, notStatus: [401, 402, 408, 429, 502, 503, 504, 529] },
  { as: "timeout", text: timedOut, status: [200, 400, 408, 424, 500, 502, 503, 504] },
  { as: "overloaded", text: overloadedWords, notStatus: ofTheRequest },
  {
    as: "overloaded",
    text: /no (?:healthy|live) (?:deployment|upstream|backend|instance|replica|worker)/,
  },
  { as: "auth", text: unauthorised, notStatus: [408, 422, 429, 500, 502, 503, 504, 529] },
  // With these statuses it is the service that has too many requests, not we.
  { as: "overloaded", text: throttled, status: [503, 529] },
  { as: "rate_limited", text: throttled, notStatus: [...ofTheRequest, 402] },
  {
    as: "rate_limited",
    text: /rate limit(?:ed|ing| (?:exceeded|reached))|too many requests/,
    status: [400, 403],
  },
  { as: "server_error", text: broken, status: [200, 424, 500, 502] },
  // Under the caller's statuses only where it is plainly another who failed.
  { as: "server_error", text: brokenBehind, status: [400, 404, 409, 422] },
];
