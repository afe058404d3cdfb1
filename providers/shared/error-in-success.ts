import { isRecord, type JsonRecord, parseJson } from "./json-values.ts";

/**
 * Whether a document that came with a success, or the data of a stream event, is an error; gives
 * the text to classify, or null. Words inside an answer decide nothing, and `error: null`,
 * `base_resp.status_code: 0` or a finish reason of `content_filter` are no errors. Pure.
 */
export function errorInSuccess(text: string): string | null {
  const value = parseJson(text);
  return value !== undefined && isErrorDocument(value) ? text : null;
}

/** The same for a document that is already parsed. Bounded and pure; never throws. */
export function isErrorDocument(value: unknown): boolean {
  if (Array.isArray(value)) {
    const [first]: readonly unknown[] = value;
    return value.length === 1 && isRecord(first) && isErrorDocument(first);
  }
  if (!isRecord(value)) return false;
  return saysItIsAnError(value) || hasBadChoice(value) || isRefusedPrompt(value) || isBare(value);
}

/** Fields that mean an error wherever they stand beside. */
function saysItIsAnError(value: JsonRecord): boolean {
  if (isFault(value["error"]) || value["type"] === "error" || value["object"] === "error")
    return true;
  if (value["type"] === "response.failed" || value["status"] === "failed") return true;
  if (value["success"] === false) return true;
  return isBadBaseResponse(value["base_resp"]) || isTencentError(value["Response"]);
}

/** MiniMax reports its errors beside the answer: https://platform.minimax.io/docs/api-reference/errorcode */
function isBadBaseResponse(value: unknown): boolean {
  return isRecord(value) && isTelling(value["status_code"]);
}

/** Tencent Cloud's API 3.0: https://cloud.tencent.com/document/api/1729/101843 */
function isTencentError(value: unknown): boolean {
  return isRecord(value) && isFault(value["Error"]);
}

/** Gateways put the error of the provider behind them into the choice. */
function hasBadChoice(value: JsonRecord): boolean {
  const choices: unknown = value["choices"];
  if (!Array.isArray(choices)) return false;
  return choices.some((choice: unknown) => {
    if (!isRecord(choice)) return false;
    const reason = choice["finish_reason"];
    return (
      isFault(choice["error"]) ||
      reason === "error" ||
      // DeepSeek: https://api-docs.deepseek.com/api/create-chat-completion
      reason === "insufficient_system_resource"
    );
  });
}

/** Gemini: a prompt that was refused, with no candidate. */
function isRefusedPrompt(value: JsonRecord): boolean {
  const feedback = value["promptFeedback"];
  if (!isRecord(feedback) || !isPresent(feedback["blockReason"])) return false;
  const candidates: unknown = value["candidates"];
  return !Array.isArray(candidates) || candidates.length === 0;
}

/** Marks of an answer, a chunk of one, or an event of a stream. */
const answerFields = [
  "choices",
  "candidates",
  "output",
  "content",
  "delta",
  "token",
  "result",
  "done",
  "response",
  "embedding",
  "data",
  "generated_text",
  "usage",
  "Response",
];

const codeFields = [
  "code",
  "error_code",
  "error_msg",
  "errors",
  "error_type",
  "statusCode",
  "status_code",
];

/** Codes by which envelopes say that all is well. */
const successCodes: ReadonlySet<unknown> = new Set([
  0,
  "0",
  200,
  "200",
  "success",
  "Success",
  "ok",
  "OK",
]);

/**
 * An object that holds a code and nothing of an answer; AWS names the exception. Words alone are no
 * error: a notice of progress says `message` too, and a document without an answer fails anyway.
 */
function isBare(value: JsonRecord): boolean {
  const names = Object.keys(value);
  if (names.some((name) => name.endsWith("Exception") && isRecord(value[name]))) return true;
  if (answerFields.some((name) => isPresent(value[name]))) return false;
  if (successCodes.has(value["code"])) return false;
  return codeFields.some((name) => isSaying(value[name]));
}

function isSaying(value: unknown): boolean {
  return isTelling(value) && !isRecord(value);
}

/** An `error` that says something: some servers send an empty one, or one of zeros, with every answer. */
function isFault(value: unknown): boolean {
  return isRecord(value) ? Object.values(value).some(isTelling) : isTelling(value);
}

function isTelling(value: unknown): boolean {
  if (successCodes.has(value) || !isPresent(value)) return false;
  return !isRecord(value) || Object.keys(value).length > 0;
}

function isPresent(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  return !(Array.isArray(value) && value.length === 0);
}
