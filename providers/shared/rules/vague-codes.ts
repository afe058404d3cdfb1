import type { FailureRule } from "../failure-rule.ts";

/** Statuses that say no more than "it failed", so that a code may say more. */
const vague = [200, 400, 404, 409, 422, 424, 500, 502];

/**
 * Codes that providers use for more than one thing. They decide only where neither a plain code nor
 * the wording did: `rate_limit_exceeded` is also OpenAI's code of a daily limit and of a request
 * that can never fit, `permission_error` also Moonshot's of a spent billing cycle.
 */
export const vagueCodes: readonly FailureRule[] = [
  { as: "quota_exhausted", code: /^quota_?(?:exceeded|reached)/, status: [200, 400, 403, 429] },
  {
    as: "rate_limited",
    code: /rate_?limit|too_?many_?requests|throttl|^(?:requests|tokens|resource_exhausted|resourceexhausted|slow_down|frequency_limit\w*|qps_limit\w*)$/,
    notStatus: [401, 402, 403, 404, 503, 529],
  },
  // Google: https://cloud.google.com/apis/design/errors#handling_errors
  {
    as: "overloaded",
    code: /^(?:unavailable|unavailable_error|service_?unavailable(?:_error|exception|error)?|server_busy|busy|overload\w*)$/,
    status: [...vague, 503, 529],
  },
  { as: "timeout", code: /timeout|timed_out|timedout/, status: [...vague, 408, 504] },
  {
    as: "auth",
    code: /^(?:authentication_?error|auth_error|unauthorized|unauthorized_error|unauthenticated|permission_(?:denied|error)(?:_error)?|permission_denied_error|permissiondenied\w*|access_?denied\w*|forbidden|request_forbidden)$/,
    status: vague,
  },
  {
    as: "model_not_found",
    code: /^(?:not_found|not_found_error|notfound|notfounderror|resource_not_found_error|resourcenotfound(?:exception)?|resource_does_not_exist)$/,
    status: vague,
  },
  {
    as: "server_error",
    code: /^(?:server_error|api_error|internal|internal_error|internalerror|internal_?server_?error|internalserverexception|internalserviceerror|internalfailure|generation|finish:error|service_error|upstream_error|bad_response\w*|do_request_failed|empty_response|failedoperation\S*|model_server_error|data_loss|aborted)$/,
    status: [200, 424, 500, 502],
  },
  {
    as: "bad_request",
    code: /^(?:invalid_request_error|invalid_argument|invalid_request|invalid_parameter(?:_error)?|invalidparameter\S*|missingparameter\S*|bad_?request(?:error)?|validation\w*|invalid_type|unsupported_parameter|invalid_value|extra_forbidden|out_of_range|failed_precondition)$/,
    status: [200],
  },
];
