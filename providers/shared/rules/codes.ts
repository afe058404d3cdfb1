import type { FailureRule } from "../failure-rule.ts";

const hour = 3_600_000;

/**
 * Codes, types and reasons that mean the same at every provider that uses them. They decide before
 * any wording. Names that providers use for several things stand in `vague-codes.ts`.
 */
export const plainCodes: readonly FailureRule[] = [
  // OpenAI: https://platform.openai.com/docs/guides/error-codes · new-api: constant/… · Aliyun, Ark: arrears
  {
    as: "quota_exhausted",
    code: /^(?:insufficient_(?:quota|user_quota|balance|credits?|funds)(?:_error)?|billing_(?:hard_limit_reached|not_active|error|disabled|limit_exceeded)|exceeded_current_quota_error|credit_balance_\w+|creditserror|credits?_(?:exhausted|required|depleted)|out_of_credits?|payment_required|budget_exceeded|budget_limit_exceeded|(?:organization|project|user|key|enforced)_(?:spend|usage|budget)_limit_\w+|spend(?:ing)?_limit_\w+|pre_consume_token_quota_failed|arrearage|accountoverdueerror|accountoverdue|overdue_payment|servicequotaexceededexception|allocationquota\.freetieronly|freetieronly|\w*prepaidbilloverdue|\w*postpaidbilloverdue|commoditynotpurchased|resourcepackexhausted)$/,
    shortestWaitMs: hour,
  },
  // An allowance that fills again by itself: ChatGPT plans, Google's ErrorInfo, watsonx
  {
    as: "quota_exhausted",
    code: /^(?:usage_limit_(?:reached|exceeded)|(?:daily|weekly|monthly|hourly|session)_\w*limit\w*|quota_exhausted|token_quota_reached)$/,
    unless: /per[ -]?(?:minute|second)|\b(?:rpm|tpm)\b/,
  },
  // OpenAI, vLLM, llama.cpp (exceed_context_size_error), LiteLLM, Baidu (tokens_too_long), Cerebras
  {
    as: "context_length",
    code: /^(?:context_length_exceeded|context_window_exceeded|contextwindowexceedederror|exceed_context_size_error|(?:model_)?context_window_\w+|prompt_too_long|input_too_long|tokens_too_long|characters_too_long|context_too_long|context_overflow|max_context_length_exceeded)$/,
  },
  {
    as: "request_too_large",
    code: /^(?:request_too_large|payload_too_large|request_entity_too_large|requestentitytoolarge|tokens_limit_reached|content_length_exceeded|body_too_large)$/,
  },
  // OpenAI images, Azure, Aliyun (data_inspection_failed), Ark (…SensitiveContentDetected), StepFun, Google blockReason
  {
    as: "content_filter",
    code: /^(?:content_filter(?:ed)?|content_policy_violation|content_policy|responsibleaipolicyviolation|data_?inspection_?failed|(?:input|output)\w*(?:sensitivecontentdetected|riskdetection)\S*|sensitivecontentdetected\S*|censorship_blocked|prompt_blocked|prohibited_content|blocklist|image_safety|safety|sensitive_words_detected|sensitive_check_error|moderation_blocked|(?:input|output)?_?moderation\w*|policy_violation|operationdenied\.\w*illegal\w*|guardrail_\w+|cyber_policy_violation|safety_check_\w+|safety_violation)$/,
  },
  // OpenAI (also under 403), Groq, Perplexity, Azure, Ark, GitHub Models, Hugging Face
  {
    as: "model_not_found",
    code: /^(?:models?_not_(?:found|exist|exists|available|supported|enabled|open)|model_(?:decommissioned|deprecated|retired|gone|terms_required|does_not_exist|permission_blocked_\w+)|modelnot(?:found|open|exist|supported)\w*|unknown_model|invalid_model(?:_id|_name)?|unsupported_model|no_such_model|deploymentnotfound|deployment_not_found|invalidendpointormodel\.\S+|\w*modeliddisabled|modelnotactivated)$/,
    notStatus: [401],
  },
  {
    as: "unsupported",
    code: /^(?:operationnotsupported|operation_not_supported|unsupported_operation|(?:image|vision|tools?|audio|function_calling|streaming)_not_supported|unsupported_(?:modality|capability|feature)|unimplemented|not_implemented(?:_error)?|notimplementederror|invalidparameter\.unsupportedmodel)$/,
  },
  // OpenAI, Groq, Google ErrorInfo reasons, AWS, Ark, Aliyun, LiteLLM
  {
    as: "auth",
    code: /^(?:invalid_api_?key|no_api_key|missing_api_key|incorrect_api_key\w*|invalid_authentication(?:_error)?|token_not_found_in_db|expired_key|key_expired|account_(?:deactivated|disabled|suspended|locked|blocked)|organization_(?:restricted|disabled|suspended|deactivated)|access_terminated\w*|unsupported_country_region_territory|mismatched_(?:organization|project)|ip_not_authorized|api_key_(?:invalid|expired|service_blocked|http_referrer_blocked|ip_address_blocked)|access_token_(?:expired|type_unsupported|scope_insufficient)|credentials_missing|consumer_(?:suspended|invalid)|service_disabled|iam_permission_denied|user_project_denied|unrecognizedclientexception|expiredtoken(?:exception)?|invalidsignatureexception|signaturedoesnotmatch|incompletesignature(?:exception)?|missingauthenticationtoken(?:exception)?|invalidclienttokenid|invalidapikey|authfailure\S*|invalid_iam_token|invalidaccountstatus|account_violation|invalid_token)$/,
  },
  // Anthropic, Moonshot, OpenAI (server_is_overloaded), Ark, AWS, Groq 498, TGI
  {
    as: "overloaded",
    code: /^(?:overloaded|overloaded_error|engine_overloaded(?:_error)?|server_is_overloaded|server_overloaded|serveroverloaded\S*|serviceoverloaded|model_overloaded|nocapacity|no_capacity|(?:flex_)?capacity_exceeded|resource_unavailable|modelnotreadyexception|model_loading|modelloadingerror|model_not_ready|insufficient_system_resource|finish:insufficient_system_resource|service_tier_capacity_exceeded|queue_full|no_available_channel|get_channel_failed)$/,
  },
  // Aliyun, Ark: throttles by name
  {
    as: "rate_limited",
    code: /^(?:limit_requests|limit_burst_rate|requestbursttoofast|throttling(?:\.(?:ratequota|burstrate|user|concurrency))?|ratelimitexceeded\.\w*(?:rpm|tpm|ipm|qps|tps)\w*|(?:account|model|endpoint)ratelimitexceeded|requestlimitexceeded\S*|limitexceeded\.\w*|in_flight_budget_exhausted|max_concurrency\w*|concurrency_limit\w*)$/,
    unless: /per[- ]day|daily|每日|今日/,
  },
  {
    as: "timeout",
    code: /^(?:deadline_exceeded|modeltimeoutexception|request_timeout|requesttimeout\w*|gateway_timeout\w*|upstream_timeout|channel:response_time_exceeded|apitimeouterror|inferencetimeout\w*)$/,
  },
  // AWS: an error of the model's container, HTTP 424; a stream that broke inside
  {
    as: "server_error",
    code: /^(?:modelerrorexception|modelstreamerrorexception|dead_?loop|model_error)$/,
  },
  // OpenAI, Azure, xAI, SambaNova: a field of the request is wrong, whatever words the message quotes from it.
  {
    as: "bad_request",
    code: /^(?:invalid_(?:function_parameters|type|value|json|json_schema|schema|image\w*|base64\w*|file\w*|audio\w*|tool\w*|enum_value|message_role)|(?:unknown|missing_required|missing|duplicate)_(?:parameter|argument|field)s?|missing_required_\w+|(?:array|object|integer|decimal|number)_(?:above_max|below_min|too_\w+)\w*|image_(?:parse_error|too_small|file_not_found)|unsupported_(?:image|file)\w*|empty_(?:array|string))$/,
    status: [200, 400, 422],
  },
  { as: "cancelled", code: /^(?:cancelled|canceled|client_closed_request)$/, status: [200, 499] },
];
