import type { ChatRequest } from "../../src/contract/chat.ts";
import type { ProviderCall } from "../../src/contract/provider.ts";

/** Where a provider's chat endpoint differs from OpenAI's in what it takes. */
export interface RequestQuirks {
  /** False where `stream_options` is refused; usage then comes unasked or not at all. */
  readonly streamUsage?: boolean;
  /** Fields that go by another name here; the app's name -> the provider's. */
  readonly rename?: Readonly<Record<string, string>>;
  /** How the last message is marked as the beginning of the answer, where models go on from one. */
  readonly prefix?: PrefixQuirk;
}

interface PrefixQuirk {
  /** Fields that the message itself gets. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** Fields that the request gets. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface UpstreamBody {
  readonly json: string;
  /** What was changed to fit, as `x-lifeboat-adapted` shows it. */
  readonly adapted: readonly string[];
}

const nothing: readonly string[] = [];

/**
 * The request as the upstream gets it: the candidate's model, our choice of streaming, without
 * Lifeboat's own routing fields; everything else as the app sent it. Serialised once.
 */
export function upstreamBody(
  request: ChatRequest,
  call: Pick<ProviderCall, "model" | "stream" | "continuesLast">,
  quirks: RequestQuirks,
): UpstreamBody {
  const { model, stream } = call;
  const body: Record<string, unknown> = {
    ...request,
    ...(call.continuesLast === true && withPrefix(request, quirks.prefix ?? {})),
    model,
    stream,
    models: undefined,
    fallbacks: undefined,
    stream_options: streamOptions(request, stream, quirks.streamUsage !== false),
  };
  const adapted = quirks.rename === undefined ? nothing : renameFields(body, quirks.rename);
  return { json: JSON.stringify(body), adapted };
}

function withPrefix({ messages }: ChatRequest, { message, body }: PrefixQuirk): object {
  const last = messages.at(-1);
  if (message === undefined || last === undefined) return { ...body };
  return { ...body, messages: [...messages.slice(0, -1), { ...last, ...message }] };
}

/** `stream_options` is an error without `stream`, and usage on streams is what costs are read from. */
function streamOptions(request: ChatRequest, stream: boolean, asksUsage: boolean): unknown {
  if (!stream || !asksUsage) return undefined;
  return { ...request.stream_options, include_usage: true };
}

function renameFields(
  body: Record<string, unknown>,
  names: Readonly<Record<string, string>>,
): readonly string[] {
  const adapted: string[] = [];
  for (const [from, to] of Object.entries(names)) {
    if (body[from] === undefined || body[from] === null) continue;
    body[to] ??= body[from];
    body[from] = undefined;
    adapted.push(`${from}→${to}`);
  }
  return adapted;
}
