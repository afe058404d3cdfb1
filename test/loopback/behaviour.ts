/** What an upstream does with one call. JSON, so that a test inside workerd can ask for it too. */
export type Behaviour = Misbehaviour & {
  /** What the upstream would say, were it well; each word is a chunk. Gone on from after an assistant message that stands last. */
  readonly text?: string;
  /** Between two chunks. */
  readonly paceMs?: number;
};

type Misbehaviour =
  | {
      readonly do: "answer";
      readonly lineEnd?: "\n" | "\r\n";
      /** In place of the usual word on what is left of the allowance. */
      readonly headers?: Record<string, string>;
    }
  /** Answers 400 to a request whose last message is an assistant's; else answers. */
  | { readonly do: "refuse-prefix" }
  /** Comments every `everyMs`, for ever, after this many chunks. */
  | { readonly do: "pings"; readonly after: number; readonly everyMs: number }
  /** The stream stays open after its finish reason, with no [DONE]. */
  | { readonly do: "hang-at-end" }
  | {
      readonly do: "error";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: unknown;
      /** How long it thinks about it, ms. */
      readonly afterMs?: number;
    }
  /** The connection is reset before any header. */
  | { readonly do: "reset" }
  /** Headers never come. */
  | { readonly do: "silent" }
  | { readonly do: "headers-then-silence" }
  /** The connection is reset after this many chunks (the role chunk is the first). */
  | { readonly do: "cut"; readonly after: number }
  /** The stream is closed properly after this many chunks, without finish reason or [DONE]. */
  | { readonly do: "close"; readonly after: number }
  | { readonly do: "error-event"; readonly after: number }
  | { readonly do: "garbage-event"; readonly after: number }
  | { readonly do: "no-done" }
  | { readonly do: "stall"; readonly after: number; readonly ms: number }
  | { readonly do: "drip" }
  /** 200 with a page where JSON or events belong. */
  | { readonly do: "html" }
  | { readonly do: "error-in-200"; readonly body: unknown };

/** One call, as the upstream saw it. */
export interface Call {
  readonly at: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** When the caller dropped the connection before the answer was whole; null when it did not. */
  abortedAt: number | null;
}

/** What an upstream says at `GET /v1/models`. */
export interface Listed {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

export interface Script {
  /** Used up one by one; then `always` counts. */
  readonly next: readonly Behaviour[];
  readonly always: Behaviour;
}
