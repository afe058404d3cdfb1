import {
  embeddedJson,
  isRecord,
  type JsonRecord,
  parseJson,
  salvageFields,
} from "./json-values.ts";
import type { HeaderReader } from "./limit-headers.ts";
import { namesWait, type WaitField } from "./stated-wait.ts";

/** What a failure's body says, taken out of whatever shape it came in. */
export interface Said {
  /** As the provider wrote them; the outermost, for people to read. */
  readonly message: string | null;
  readonly code: string | null;
  readonly type: string | null;
  /** Every code, type, status name and reason at any depth, in lower case. */
  readonly marks: readonly string[];
  /** All messages at any depth, in lower case, one line each. */
  readonly text: string;
  /** HTTP-like statuses inside the body, outermost first. */
  readonly statuses: readonly number[];
  readonly waits: readonly WaitField[];
  /** A field of the request is named as what is wrong. */
  readonly blamesRequest: boolean;
  /** Headers of the provider behind a gateway, where the body repeats them. */
  readonly headers: HeaderReader;
}

/** The most of a body that is read, characters. */
export const mostBodyChars = 64 * 1024;

/** Bounds that keep the time of any body small. */
const mostNodes = 2_000;
const mostDepth = 12;
const mostText = 4_096;
const mostMarks = 200;
const longestMark = 200;
const mostNestings = 12;

const codeNames = new Set(
  "code error_code errorcode err_code errcode status_code statuscode http_code httpcode internalcode error_name __type errortype".split(
    " ",
  ),
);
const typeNames = new Set(
  "type error_type status reason reasons name limit_source quotaid quotametric error_category blockreason block_reason rule".split(
    " ",
  ),
);
const statusNames = new Set(
  "code status status_code statuscode http_code httpcode error_code httpstatus http_status".split(
    " ",
  ),
);
const messageNames = new Set(
  "message msg error error_msg error_message errormessage errormsg err err_msg status_msg detail details description title cause errors raw body data response_text warning hint".split(
    " ",
  ),
);
/** What the app or the model said is no word about the failure; neither is an echo of the request. */
const silentNames = new Set(
  "content output messages prompt input instructions tools failed_generation usage candidates delta text request stack stacktrace traceback url docs help footer what_you_should_do remedy_hint received_model_group content_filter_result content_filter_results innererror_details loc ctx".split(
    " ",
  ),
);

/** Reads one payload. Never throws; its time is bounded whatever the text. */
export function readSaid(body: string): Said {
  const collector = new Collector();
  const text = body.trim();
  const value = parseJson(text);
  if (value !== undefined) {
    collector.walk(value);
  } else if (/^[[{"]/.test(text)) {
    for (const field of salvageFields(text)) collector.walk(field);
    collector.addText(text);
  } else if (/^<|<html|<!doctype/i.test(text.slice(0, 1_000))) {
    collector.addText(`<html> ${htmlText(text)}`);
  } else if (text !== "") {
    collector.addMessage(text);
  }
  return collector.said();
}

/** What a page shows, without markup, styles and scripts. */
function htmlText(html: string): string {
  return withoutBlocks(withoutBlocks(html.slice(0, 32_768), "script"), "style")
    .replace(/<[^<>]{0,2000}>/g, " ")
    .replace(/&[a-z]{2,6};|&#\d{1,5};/gi, " ");
}

/** Cuts out elements whose content is not shown; by index, since a pattern would backtrack. */
function withoutBlocks(html: string, tag: string): string {
  const lower = html.toLowerCase();
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const start = lower.indexOf(`<${tag}`, from);
    const end = start < 0 ? -1 : lower.indexOf(`</${tag}>`, start);
    if (end < 0) return kept.concat(html.slice(from)).join(" ");
    kept.push(html.slice(from, start));
    from = end + tag.length + 3;
  }
}

interface Node {
  readonly value: unknown;
  readonly name: string;
  readonly depth: number;
}

class Collector {
  #message: string | null = null;
  #code: string | null = null;
  #type: string | null = null;
  readonly #marks = new Set<string>();
  readonly #texts: string[] = [];
  #textLength = 0;
  readonly #statuses: number[] = [];
  readonly #waits: WaitField[] = [];
  readonly #headers = new Map<string, string>();
  #nestings = 0;
  #blamesRequest = false;

  said(): Said {
    return {
      message: this.#message,
      code: this.#code,
      type: this.#type,
      marks: [...this.#marks],
      text: this.#texts.join("\n"),
      statuses: this.#statuses,
      waits: this.#waits,
      blamesRequest: this.#blamesRequest,
      headers: { get: (name) => this.#headers.get(name) ?? null },
    };
  }

  /** Breadth first, so that the outermost words come first. */
  walk(root: unknown): void {
    const queue: Node[] = [
      { value: root, name: typeof root === "string" ? "message" : "", depth: 0 },
    ];
    for (let at = 0; at < queue.length && at < mostNodes; at += 1) {
      const node = queue[at];
      if (node === undefined) break;
      for (const next of this.#visit(node)) queue.push(next);
    }
  }

  addText(text: string): void {
    if (this.#textLength >= mostText) return;
    const part = normalize(text.slice(0, mostText - this.#textLength));
    if (part === "" || this.#texts.includes(part)) return;
    this.#texts.push(part);
    this.#textLength += part.length;
  }

  addMessage(text: string): void {
    this.#message ??= text;
    this.addText(text);
  }

  #visit({ value, name, depth }: Node): readonly Node[] {
    if (typeof value === "string") return this.#string(value, name, depth);
    if (typeof value === "number") this.#number(value, name);
    if (depth >= mostDepth) return [];
    if (Array.isArray(value)) {
      const items: readonly unknown[] = value;
      return items.slice(0, 100).map((item) => ({ value: item, name, depth: depth + 1 }));
    }
    return isRecord(value) ? this.#record(value, depth) : [];
  }

  #record(record: JsonRecord, depth: number): readonly Node[] {
    const nodes: Node[] = [];
    for (const [key, value] of Object.entries(record).slice(0, 200)) {
      const name = key.toLowerCase();
      if (namesField(name, value)) this.#blamesRequest = true;
      if (silentNames.has(name) || isAnswer(name, value)) continue;
      if (name === "headers") {
        this.#keepHeaders(value);
        continue;
      }
      if (/.(?:exception|error)$/.test(name) && isRecord(value)) this.#mark(name);
      if (name === "finish_reason" && typeof value === "string") this.#mark(`finish:${value}`);
      nodes.push({ value, name, depth: depth + 1 });
    }
    return nodes;
  }

  #number(value: number, name: string): void {
    if (codeNames.has(name)) {
      this.#code ??= String(value);
      this.#mark(String(value));
    }
    if (statusNames.has(name)) this.#status(value);
    if (namesWait(name)) this.#waits.push({ name, value });
  }

  #string(value: string, name: string, depth: number): readonly Node[] {
    if (value.trim() === "") return [];
    if (namesWait(name)) {
      this.#waits.push({ name, value });
      return [];
    }
    if (codeNames.has(name)) this.#code ??= value;
    if (typeNames.has(name)) this.#type ??= value;
    if (codeNames.has(name) || typeNames.has(name)) {
      this.#mark(value);
      if (statusNames.has(name) && /^[1-5]\d\d$/.test(value)) this.#status(Number(value));
      return [];
    }
    return messageNames.has(name) ? this.#words(value, name, depth) : [];
  }

  /** A message, which may itself be the JSON of the error behind a gateway, or quote it. */
  #words(value: string, name: string, depth: number): readonly Node[] {
    const inner = depth < mostDepth ? this.#nested(value) : undefined;
    const isJson = inner !== undefined && /^\s*[[{"]/.test(value);
    if (name === "message" || name === "error") this.#message ??= value;
    if (!isJson && name !== "data") this.addMessage(value);
    return inner === undefined ? [] : [{ value: inner, name, depth: depth + 1 }];
  }

  #nested(value: string): unknown {
    if (!/[[{"]/.test(value) || this.#nestings >= mostNestings) return undefined;
    this.#nestings += 1;
    const whole = /^\s*[[{"]/.test(value) ? parseJson(value) : undefined;
    const inner = whole ?? embeddedJson(value);
    return typeof inner === "object" || typeof inner === "string" ? inner : undefined;
  }

  #keepHeaders(value: unknown): void {
    if (!isRecord(value)) return;
    for (const [name, content] of Object.entries(value).slice(0, 50)) {
      if (typeof content === "string" || typeof content === "number") {
        this.#headers.set(name.toLowerCase(), String(content));
      }
    }
  }

  #mark(value: string): void {
    if (value.length > longestMark || this.#marks.size >= mostMarks) return;
    this.#marks.add(value.toLowerCase());
  }

  #status(value: number): void {
    if (Number.isInteger(value) && value >= 400 && value < 600) this.#statuses.push(value);
  }
}

/** OpenAI's `param`, FastAPI's `loc` (`["body", "messages", 0]`) and Google's `fieldViolations`. */
function namesField(name: string, value: unknown): boolean {
  if (name === "param") return typeof value === "string" && !/^(?:|none|null)$/i.test(value.trim());
  if (name === "loc") return Array.isArray(value) && value[0] === "body";
  return name === "fieldviolations" && Array.isArray(value) && value.length > 0;
}

/** A message of a conversation, not of an error. */
function isAnswer(name: string, value: unknown): boolean {
  return name === "message" && isRecord(value) && ("role" in value || "content" in value);
}

/** Lower case, plain quotes, single spaces: what the patterns of the tables are written for. */
function normalize(text: string): string {
  return text
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}
