/**
 * The canonical request and answer: OpenAI's chat shape, as far as Lifeboat reads it.
 * Fields that are not named here are the app's business and travel untouched.
 * Source: https://platform.openai.com/docs/api-reference/chat
 */

export interface ContentPart {
  readonly type: string;
  readonly text?: string;
  readonly image_url?: { readonly url: string; readonly detail?: string };
  readonly [field: string]: unknown;
}

/** A call that a model made in an answer. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A call of an earlier turn, as the app sends it back. */
export interface PastToolCall {
  readonly id: string;
  readonly type?: string;
  /** Missing in calls of custom tools. */
  readonly function?: ToolCall["function"];
  readonly [field: string]: unknown;
}

export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly ContentPart[] | null;
  readonly name?: string | null;
  readonly tool_calls?: readonly PastToolCall[] | null;
  readonly tool_call_id?: string | null;
  readonly [field: string]: unknown;
}

interface FunctionTool {
  readonly type: string;
  readonly function?: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly strict?: boolean | null;
  };
  readonly [field: string]: unknown;
}

interface ResponseFormat {
  readonly type: string;
  readonly json_schema?: {
    readonly name?: string;
    readonly schema?: Readonly<Record<string, unknown>>;
    readonly [field: string]: unknown;
  };
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
  readonly tools?: readonly FunctionTool[] | null;
  readonly tool_choice?: unknown;
  readonly response_format?: ResponseFormat | null;
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly seed?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly [field: string]: unknown;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly [field: string]: unknown;
}

/** A tool call as it arrives in pieces; pieces with the same index belong together. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: "function";
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

export interface Delta {
  readonly role?: string;
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly ToolCallDelta[];
  readonly [field: string]: unknown;
}

export interface ChunkChoice {
  readonly index: number;
  readonly delta: Delta;
  readonly finish_reason: string | null;
  readonly [field: string]: unknown;
}

export interface ChatChunk {
  readonly id: string;
  readonly object: "chat.completion.chunk";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChunkChoice[];
  readonly usage?: Usage | null;
  readonly [field: string]: unknown;
}

interface AnswerMessage {
  readonly role: string;
  readonly content: string | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly tool_calls?: readonly ToolCall[];
  readonly [field: string]: unknown;
}

export interface ChatCompletion {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: AnswerMessage;
    readonly finish_reason: string | null;
    readonly [field: string]: unknown;
  }[];
  readonly usage?: Usage | null;
  readonly [field: string]: unknown;
}
