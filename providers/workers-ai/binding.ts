import type { Fetch } from "../../src/contract/edges.ts";
import { isRecord, parseJson } from "../shared/json-values.ts";
import { translateDocument, translateStream } from "./translate-answer.ts";

/** The part of the binding that is used. https://developers.cloudflare.com/workers-ai/configuration/bindings/ */
export interface AiBinding {
  run(
    model: string,
    inputs: Readonly<Record<string, unknown>>,
    options: { readonly returnRawResponse: true; readonly signal?: AbortSignal },
  ): Promise<Response>;
}

export function isAiBinding(binding: unknown): binding is AiBinding {
  return isRecord(binding) && typeof binding["run"] === "function";
}

/** A chat request over the binding, as if it went over HTTP to an OpenAI-compatible endpoint. */
export function fetchFromBinding(binding: AiBinding): Fetch {
  return async (_url, { body, signal }) => {
    const request = parseJson(typeof body === "string" ? body : "");
    const { model, stream_options: _options, ...inputs } = isRecord(request) ? request : {};
    const name = String(model);
    try {
      const response = await binding.run(name, inputs, {
        returnRawResponse: true,
        ...(signal instanceof AbortSignal && { signal }),
      });
      return await translated(response, name);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      return thrown(error);
    }
  };
}

async function translated(response: Response, model: string): Promise<Response> {
  const { status, headers, ok, body } = response;
  if (!ok || body === null) return response;
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    return new Response(translateStream(body, model), { status, headers });
  }
  const text = await response.text();
  return new Response(translateDocument(text, model), {
    status,
    headers: { "content-type": "application/json" },
  });
}

/** The binding throws `<number>: <words>`, which is read wherever it stands. */
function thrown(error: unknown): Response {
  const message = error instanceof Error ? error.message : String(error);
  const code = /\b(\d{4}): /.exec(message)?.[1];
  const errors = [{ message }];
  return Response.json({ success: false, errors }, { status: statusOf(code) });
}

/** https://developers.cloudflare.com/workers-ai/platform/errors/ */
const statuses: Readonly<Record<string, number>> = {
  3003: 400,
  3006: 413,
  3007: 408,
  3008: 408,
  3023: 403,
  3036: 429,
  3039: 400,
  3040: 429,
  3042: 404,
  5004: 400,
  5005: 400,
  5006: 400,
  5007: 404,
  5018: 403,
};

function statusOf(code: string | undefined): number {
  return statuses[code ?? ""] ?? 500;
}
