import type { ChatChunk, ChatRequest } from "./chat.ts";
import type { Clock, Fetch } from "./edges.ts";
import type { Failure, Sighting } from "./failure.ts";
import type { LimitReading } from "./limits.ts";
import type { Adaptation, ModelFacts } from "./route.ts";

/** What a provider says of its models, by their names there; null and what is left out is unknown. */
export type ToldModels = ReadonlyMap<string, Partial<ModelFacts>>;

/** One adapter in `providers/`: everything Lifeboat knows about one sort of upstream. */
export interface ProviderKind {
  /** The name that the config's `kind` uses. */
  readonly kind: string;
  /** Where the provider lives; null when the config must say it. */
  readonly baseUrl: string | null;
  /** The binding that holds the key by convention; null when the provider needs no key. */
  readonly apiKeyEnv: string | null;
  /** True when the provider runs on the operator's own machine: whether it is up is worth asking. */
  readonly local: boolean;
  /** What is wrong with an account's `options`; null when nothing is. Without it a kind has none. */
  checkOptions?(options: unknown): string | null;
  /** Builds the caller of one account; once per config version, never per request. No I/O. */
  connect(settings: ProviderSettings): Provider;
}

/** One configured account, with its secrets already resolved. */
export interface ProviderSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The secrets that were filled into `headers`; no text that is kept may repeat them. */
  readonly headerSecrets?: readonly string[];
  /** The kind's own settings, already checked. */
  readonly options?: unknown;
  /** What the Worker was bound to this account by `transport`, where that is more than an HTTP service. */
  readonly binding?: unknown;
}

export interface Provider {
  /** Whether its models go on from an assistant message that stands last, without saying it again. Unknown is no. */
  readonly continuesPrefix: boolean;
  /** What is known of a model without asking; what is left out is unknown. Pure. */
  describe(model: string): Partial<ModelFacts>;
  /** Makes one upstream call. A fault of the upstream is an answer, never an exception; an abort through `signal` is a failure of class `cancelled`. */
  call(call: ProviderCall): Promise<ProviderAnswer>;
  /** Reads a failure that shows after `call` has returned: inside a body, inside a stream, on the wire, or on our clock. Pure; never throws. */
  classify(sighting: Sighting): Failure;
  /** Whether a parsed document that came with a success, or the data of a stream's event, says that it is an error. Pure; never throws. */
  saysError(value: unknown): boolean;
  /** Asks whether the upstream is there, without cost to the account. Never throws. */
  check(probe: ProviderProbe): Promise<Readiness>;
  /** What it says of its own models where it lists them; absent where that tells nothing. */
  readonly listing?: ModelListing;
  /** Has a model loaded, where that takes time; never throws. Absent where models are always there. */
  warm?(model: string, probe: Omit<ProviderProbe, "models">): Promise<void>;
}

export interface ModelListing {
  /** Whether it may be asked behind any response; else only where an operator looks. */
  readonly unasked: boolean;
  /** What is said of the models that the probe names; null where that could not be read. Costs nothing; never throws. */
  read(probe: ProviderProbe): Promise<ToldModels | null>;
}

export interface ProviderCall {
  /** The candidate's model, as the upstream knows it. */
  readonly model: string;
  /** Frozen; the same object for every attempt of the request. `model` and `stream` in it are the app's, not the upstream's. */
  readonly request: ChatRequest;
  /** Whether the app wants a stream. The answer's form may differ; the relay bridges. */
  readonly stream: boolean;
  /** What is known of the model. Without it nothing is. */
  readonly facts?: ModelFacts;
  /** How many tokens the prompt takes, by an estimate that real usage has corrected. Made when it is asked for: it reads the prompt. */
  promptTokens(): number;
  /** Changes to the request that the route does not want. */
  readonly refused?: ReadonlySet<Adaptation>;
  /** Whether the route lets what the upstream cannot take be left out, though that changes the meaning. Unsaid is no. */
  readonly allowDegrade?: boolean;
  /** The request's last message is the beginning of the answer, to be gone on from. */
  readonly continuesLast?: boolean;
  readonly signal: AbortSignal;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export type ProviderAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: Headers;
      readonly output: ProviderOutput;
      readonly limits: LimitReading | null;
      /** What was changed to fit the candidate, as `x-lifeboat-adapted` shows it. */
      readonly adapted: readonly string[];
    }
  | { readonly ok: false; readonly failure: Failure; readonly limits: LimitReading | null };

/** What came back, in the cheapest form that the provider can give. */
export type ProviderOutput =
  /** One JSON document in OpenAI's chat shape, not yet read. */
  | { readonly form: "json"; read(): Promise<string> }
  /** Server-sent events in OpenAI's chat shape, byte for byte as they came. */
  | { readonly form: "sse"; readonly body: ReadableStream<Uint8Array> }
  /** Events translated from another dialect. It ends by returning; whether the answer is whole is told by a finish reason. */
  | { readonly form: "events"; readonly events: AsyncIterable<ProviderEvent> };

export type ProviderEvent =
  | { readonly type: "chunk"; readonly chunk: ChatChunk }
  /** An event that could not be read, among good ones. */
  | { readonly type: "malformed" }
  | { readonly type: "failure"; readonly failure: Failure };

export interface ProviderProbe {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** The models that the config names; more may be there. */
  readonly models: readonly string[];
}

/** How one model is doing, where the provider tells. */
export interface ModelState {
  readonly model: string;
  /** `missing`: not on the machine. `cold`: has to be loaded first. */
  readonly state: "warm" | "cold" | "missing";
  /** What an operator can do about it. */
  readonly advice: string | null;
  readonly facts: Partial<ModelFacts>;
}

export type Readiness =
  | {
      readonly ready: true;
      readonly models: readonly string[] | null;
      readonly states?: readonly ModelState[];
      /** What the listing says of the models that the config names. */
      readonly told?: ToldModels;
    }
  /** `answers`: somebody is there, who may serve all the same; absent where nobody is. */
  | { readonly ready: false; readonly reason: string; readonly answers?: boolean };
