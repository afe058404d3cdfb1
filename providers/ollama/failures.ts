import type { FailureProfile } from "../shared/failure-rule.ts";

/**
 * What Ollama says when it fails: `{"error": "<sentence>"}`, with no code and no type.
 * Sources: https://docs.ollama.com/api/errors and the issues named beside the rules, all of
 * https://github.com/ollama/ollama/issues. An exhausted quota is that of a cloud model; the models on the machine
 * go on, so it takes out the candidate only.
 */
export const ollamaFailures: FailureProfile = {
  quotaScope: "candidate",
  rules: [
    // A login page in front of the machine (Cloudflare Access, a proxy), or the redirect to it: the
    // way in is closed. Any status below 400 counts as 200 here.
    // https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/
    { as: "auth", status: [200], header: ["location", /./] },
    { as: "auth", status: [200], header: ["content-type", /^text\/html/] },

    // Cloud models, through the local daemon or at ollama.com: #15741, #15990, #17639, #13399.
    { as: "auth", text: /requires a subscription/, scope: "candidate" },
    { as: "auth", status: [401], text: /^unauthorized$/, scope: "candidate" },
    { as: "auth", text: /^ollama cloud is disabled/, scope: "candidate" },
    { as: "quota_exhausted", text: /usage limit|extra usage (only|balance)/ },

    // Over the model's window, or over `num_ctx` with `truncate: false`; 400 or 500 by version.
    {
      as: "context_length",
      text: /exceeds? (the )?(available |maximum )?context (length|size|window)|exceed_context_size/,
    },

    // #2230, #3040; a name that cannot be one is answered 400.
    { as: "model_not_found", status: [404], text: /not found/ },
    { as: "model_not_found", text: /try pulling it first|pull model manifest|invalid model name/ },
    { as: "model_not_found", status: [400], text: /^model is required$/ },
    { as: "model_not_found", status: [410] },

    // What the model or this build of it cannot do: tools, images, thinking, chat at all.
    {
      as: "unsupported",
      text: /does not support |missing data required for image input|failed to (create|parse) grammar|invalid json schema/,
    },
    {
      as: "unsupported",
      text: /^think value .{1,20} is not supported|cannot run this remote model|no longer compatible with your version/,
    },
    // A `format` that is no schema at all: it is the request's, and nothing is wrong with the machine.
    { as: "unsupported", text: /^invalid format: / },
    // OpenAI takes more forms of a tool's schema than Ollama's types can hold, as `"type": ["object", "null"]`.
    { as: "unsupported", status: [400], text: /^json: cannot unmarshal/ },
    { as: "bad_request", text: /invalid image|illegal base64 data|image: unknown format/ },

    // The queue is full (OLLAMA_MAX_QUEUE, #4144), or the machine has no room for the model.
    {
      as: "overloaded",
      text: /server busy|maximum pending requests|is overloaded|requires more (system|gpu|video) memory|out of memory|unable to allocate|resource limitations|cudamalloc failed/,
    },
    // Nothing was generated: the model was only loaded or put away.
    { as: "overloaded", text: /loading model|model is (un)?loading|done_reason: (un)?load/ },

    // #6092: a load that took too long is reported as 500.
    { as: "timeout", text: /timed out waiting for/ },

    // #8770: the runner died; in a stream there is no status to tell it.
    {
      as: "server_error",
      text: /runner process|error was encountered while running the model|unexpected eof|post predict/,
    },
  ],
};
