import type { ChatRequest } from "../../src/contract/chat.ts";
import type { ProviderCall } from "../../src/contract/provider.ts";
import type { Adaptation } from "../../src/contract/route.ts";
import { isRecord } from "./json-values.ts";

/** Where a provider's chat endpoint differs from OpenAI's in what it takes. */
export interface RequestQuirks extends ModelQuirks {
  /** False where `stream_options` is refused; usage then comes unasked or not at all. */
  readonly streamUsage?: boolean;
  /** How the last message is marked as the beginning of the answer, where models go on from one. */
  readonly prefix?: PrefixQuirk;
  /** What only some models differ in. */
  readonly byModel?: (model: string) => ModelQuirks;
}

/** Where a model differs in what it takes. */
export interface ModelQuirks {
  /** Fields that go by another name here; the app's name -> the provider's. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Fields that are refused, and whose loss leaves the answer's meaning. */
  readonly drop?: readonly string[];
  /** Roles that go by another name here. */
  readonly roles?: Readonly<Record<string, string>>;
}

/** For providers that only know the older name of the system's role. */
export const systemOnly: Readonly<Record<string, string>> = { developer: "system" };

interface PrefixQuirk {
  /** Fields that the message itself gets. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** Fields that the request gets. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export type UpstreamBody =
  | {
      readonly ok: true;
      readonly json: string;
      /** What was changed to fit, as `x-lifeboat-adapted` shows it. */
      readonly adapted: readonly string[];
    }
  /** The route refuses a change that the provider cannot do without. */
  | { readonly ok: false; readonly reason: string };

type Asked = Pick<ProviderCall, "model" | "stream" | "continuesLast" | "refused">;

/**
 * The request as the upstream gets it: the candidate's model, our choice of streaming, without
 * Lifeboat's own routing fields; everything else as the app sent it. Serialised once.
 */
export function upstreamBody(
  request: ChatRequest,
  call: Asked,
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
  const changes = [quirks, quirks.byModel?.(model) ?? {}].flatMap((some) => adapt(body, some));
  const unwanted = changes.find(({ kind }) => call.refused?.has(kind));
  if (unwanted !== undefined) {
    return {
      ok: false,
      reason: `the model would need "${unwanted.told}", which the route refuses`,
    };
  }
  return { ok: true, json: JSON.stringify(body), adapted: changes.map(({ told }) => told) };
}

interface Change {
  readonly kind: Adaptation;
  readonly told: string;
}

function adapt(body: Record<string, unknown>, quirks: ModelQuirks): Change[] {
  const { rename, drop, roles } = quirks;
  return [
    ...(rename === undefined ? [] : renameFields(body, rename)),
    ...(drop === undefined ? [] : dropFields(body, drop)),
    ...(roles === undefined ? [] : renameRoles(body, roles)),
  ];
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
): Change[] {
  const changes: Change[] = [];
  for (const [from, to] of Object.entries(names)) {
    if (body[from] === undefined || body[from] === null) continue;
    body[to] ??= body[from];
    body[from] = undefined;
    changes.push({ kind: kindOf(from), told: `${from}→${to}` });
  }
  return changes;
}

function dropFields(body: Record<string, unknown>, names: readonly string[]): Change[] {
  const present = names.filter((name) => body[name] !== undefined && body[name] !== null);
  for (const name of present) body[name] = undefined;
  return present.map((name) => ({ kind: kindOf(name), told: `${name} dropped` }));
}

const kinds: Readonly<Record<string, Adaptation>> = {
  max_tokens: "maxTokens",
  max_completion_tokens: "maxTokens",
  parallel_tool_calls: "parallelToolCalls",
  reasoning_effort: "reasoningEffort",
};

function kindOf(field: string): Adaptation {
  return kinds[field] ?? "sampling";
}

function renameRoles(
  body: Record<string, unknown>,
  names: Readonly<Record<string, string>>,
): Change[] {
  const { messages } = body;
  if (!Array.isArray(messages)) return [];
  const met = new Set<string>();
  const renamed = messages.map((message: unknown): unknown => {
    if (!isRecord(message) || typeof message["role"] !== "string") return message;
    const role = names[message["role"]];
    if (role === undefined) return message;
    met.add(message["role"]);
    return { ...message, role };
  });
  if (met.size > 0) body["messages"] = renamed;
  return [...met].map((role) => ({ kind: "developerRole", told: `${role}→${names[role]}` }));
}
