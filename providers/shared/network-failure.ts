import type { Failure, FailureScope } from "../../src/contract/failure.ts";

/** What a thrown error says, with its causes: `fetch` hides the reason two levels down. */
export interface Thrown {
  readonly names: readonly string[];
  readonly codes: readonly string[];
  /** Lower case, one line each, outermost first. */
  readonly text: string;
  /** The outermost message and code, for people to read. */
  readonly message: string | null;
  readonly code: string | null;
}

const mostCauses = 8;

/** Reads an error of any sort, its `cause` chain and its aggregated errors. May not be an Error at all. */
export function readThrown(error: unknown): Thrown {
  const names: string[] = [];
  const codes: string[] = [];
  const texts: string[] = [];
  const queue: unknown[] = [error];
  for (let at = 0; at < queue.length && at < mostCauses; at += 1) {
    const current = queue[at];
    if (typeof current === "string") texts.push(current.slice(0, 2_000));
    if (typeof current !== "object" || current === null) continue;
    push(names, property(current, "name"));
    push(codes, property(current, "code"));
    push(texts, property(current, "message"));
    queue.push(property(current, "cause"));
    const errors = property(current, "errors");
    if (Array.isArray(errors)) queue.push(...errors.slice(0, 4));
  }
  return {
    names,
    codes,
    text: texts.join("\n").toLowerCase(),
    message: texts[0] ?? null,
    code: codes[0] ?? null,
  };
}

function property(value: object, name: string): unknown {
  return Reflect.get(value, name);
}

function push(list: string[], value: unknown): void {
  if (typeof value === "string" && value !== "") list.push(value.slice(0, 2_000));
}

export interface BrokenConnection {
  readonly as: "timeout" | "server_error" | "cancelled" | "unknown";
  readonly scope?: FailureScope;
  /** Our own platform's limit: no other provider would do better, and none is to blame. */
  readonly ours?: boolean;
}

/** Error codes of undici, Node and OpenSSL; Workers VPC: https://developers.cloudflare.com/workers-vpc/reference/troubleshooting/ */
const timeoutCodes =
  /^(?:UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT|ESOCKETTIMEDOUT|connect(?:ion)?_timeout|.*_timeout)$/i;
const goneCodes =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|dns_error|connection_refused|tls_\w+|destination_\w+|ERR_INVALID_URL)$/i;

/** workerd's and Node's wording. Our limits: https://developers.cloudflare.com/workers/platform/limits/ */
const ourLimits =
  /too many subrequests|subrequest(?:s)? limit|exceeded (?:the )?(?:cpu|memory|subrequest)|cannot perform i\/o on behalf of a different|simultaneous open connections|disturbed or locked|body (?:has already been|is already) used/;
const goneWords =
  /econnrefused|enotfound|eai_again|ehostunreach|enetunreach|getaddrinfo|connection refused|no such host|dns (?:error|lookup|resolution)|name (?:or service )?not (?:known|resolved)|certificate|self[- ]signed|ssl|tls handshake|no route to host|network is unreachable|invalid url|cannot load:|tunnel/;
const timeoutWords = /timed?[ -]?out|time-?out|etimedout|deadline/;

/** What a broken connection means; null where the error says nothing of a connection. */
export function readConnection(thrown: Thrown): BrokenConnection | null {
  const { names, codes, text } = thrown;
  if (ourLimits.test(text)) return { as: "unknown", ours: true };
  if (names.includes("TimeoutError") || codes.some((code) => timeoutCodes.test(code))) {
    return { as: "timeout" };
  }
  if (names.includes("AbortError") || codes.includes("ABORT_ERR")) return { as: "cancelled" };
  if (codes.some((code) => goneCodes.test(code)) || goneWords.test(text)) {
    return { as: "server_error", scope: "provider" };
  }
  if (names.some((name) => /timeout/i.test(name)) || timeoutWords.test(text)) {
    return { as: "timeout" };
  }
  return null;
}

/**
 * A connection that was lost before any answer came: that is the host's, whatever the model. workerd
 * says "Network connection lost." for a refused connection and for a reset one alike.
 */
export function withoutAnswer(failure: Failure): Failure {
  const isHosts = failure.verdict === "failure" && failure.class === "server_error";
  return isHosts ? { ...failure, scope: "provider" } : failure;
}
