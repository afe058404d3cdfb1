/** How the server misbehaves, until told otherwise. Lines are those of the NDJSON answer. */
export interface OllamaBehaviour {
  /** Tears the connection down before any answer. */
  readonly refuse?: boolean;
  /** Takes the request and never answers. */
  readonly silent?: boolean;
  /** Answers with this status, body and headers. */
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers 200 with a page. */
  readonly html?: boolean;
  /** Tears the connection down after so many lines. */
  readonly cutAfter?: number;
  /** Ends the answer cleanly after so many lines, without the last one. */
  readonly endAfter?: number;
  /** Says a line that is no JSON after so many lines. */
  readonly garbageAfter?: number;
  /** Says an error line after so many lines, and ends. */
  readonly errorAfter?: number;
  readonly error?: string;
  /** Waits before the headers, as for a cold model. */
  readonly loadMs?: number;
  /** Takes so long to load a model that is not in memory, or with another context. */
  readonly coldLoadMs?: number;
  /** So many requests wait for a model to be loaded; further ones that need a load are answered 503. */
  readonly places?: number;
  /** Waits before each line after the first. */
  readonly stallMs?: number;
  /** Waits once, before the line with this index. */
  readonly stallOnce?: { readonly at: number; readonly ms: number };
  /** Sends headers, and nothing after them. */
  readonly headersOnly?: boolean;
  /** Says a line without words first. */
  readonly emptyFirst?: boolean;
  /** Says what it has to say so many times. */
  readonly repeat?: number;
  /** Writes the answer in pieces of so many bytes, whatever they cut through. */
  readonly pieceBytes?: number;
  readonly doneReason?: string;
}
