import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Tencent Hunyuan. https://cloud.tencent.com/document/product/1729/101843 */
export const hunyuan = openAiCompatible({
  kind: "hunyuan",
  baseUrl: "https://api.hunyuan.cloud.tencent.com/v1",
  apiKeyEnv: "HUNYUAN_API_KEY",
  failures: {
    rules: [
      // "Error Codes" of https://www.tencentcloud.com/document/api/1284/75543, and those that all of
      // Tencent's APIs share: https://cloud.tencent.com/document/api/1729/101843
      {
        as: "quota_exhausted",
        code: /^(?:failedoperation\.(?:\w*resourcepackexhausted|servicestop\w*|setpaymodeexceed)|resourceinsufficient\.\w+|resourceunavailable\.(?:inarrears|lowbalance))$/,
      },
      {
        as: "auth",
        code: /^(?:authfailure\S*|unauthorizedoperation\S*|failedoperation\.(?:servicenotactivated|userunautherror))$/,
      },
      { as: "content_filter", code: /^operationdenied\.\w*(?:illegal|sensitive)\w*$/ },
      { as: "overloaded", code: /^failedoperation\.\w*(?:limitexceeded|overload|busy)\w*$/ },
      { as: "timeout", code: /^failedoperation\.\w*timeout\w*$/ },
      { as: "rate_limited", code: /^(?:requestlimitexceeded|limitexceeded)\S*$/ },
      { as: "model_not_found", code: /^invalidparametervalue\.model$|^resourcenotfound\S*$/ },
    ],
  },
});
