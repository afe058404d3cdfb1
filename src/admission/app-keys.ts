import { createHash, timingSafeEqual } from "node:crypto";
import { Refusal } from "../contract/refusal.ts";

export interface Caller {
  /** A name for the key that is safe to store and to show. */
  readonly key: string;
}

/** A key that was let in, as it came. */
interface Known {
  readonly presented: string;
  readonly caller: Caller;
}

/**
 * The app keys of a deployment, as digests. One that was let in is remembered by this isolate as it
 * came: hashing it on each request would cost more than the rest of admission.
 */
export class AppKeys {
  readonly #digests: readonly Buffer[];
  readonly #known: Known[] = [];
  /** Names of keys that an operator has locked out. */
  readonly #revoked = new Set<string>();

  /** `list` is `LIFEBOAT_KEYS`: keys separated by commas. */
  constructor(list: string | undefined) {
    const keys = (list ?? "").split(",").map((key) => key.trim());
    this.#digests = keys.filter((key) => key !== "").map(digest);
  }

  /** Names the caller, or throws a 401 Refusal; with no key set up nobody is let in. */
  authenticate(headers: Headers): Caller {
    if (this.#digests.length === 0) {
      throw new Refusal(401, {
        type: "authentication_error",
        code: "no_keys_configured",
        message: "This Lifeboat has no app keys yet: set the secret LIFEBOAT_KEYS.",
      });
    }
    const presented = presentedKey(headers);
    if (presented === null) {
      throw new Refusal(401, {
        type: "authentication_error",
        code: "missing_api_key",
        message: "No API key: send Authorization: Bearer <key>, or x-api-key.",
      });
    }
    const caller = this.#recall(presented) ?? this.#lookUp(presented);
    if (caller !== null) return caller;
    throw new Refusal(401, {
      type: "authentication_error",
      code: "invalid_api_key",
      message: "Incorrect API key provided.",
    });
  }

  #recall(presented: string): Caller | null {
    let caller: Caller | null = null;
    // Every key is compared to its end, so that the time taken does not tell which one came close.
    for (const known of this.#known) {
      if (isSame(known.presented, presented)) ({ caller } = known);
    }
    return caller;
  }

  #lookUp(presented: string): Caller | null {
    const wanted = digest(presented);
    const found = this.#digests.reduce((hit, one) => timingSafeEqual(one, wanted) || hit, false);
    if (!found) return null;
    const caller = { key: nameOf(wanted) };
    this.#known.push({ presented, caller });
    return caller;
  }

  /**
   * Throws a 401 Refusal for a caller whose key an operator has locked out. Apart from `authenticate`,
   * since in between an isolate hears what is new of that.
   */
  refuseRevoked({ key }: Caller): void {
    if (!this.#revoked.has(key)) return;
    throw new Refusal(401, {
      type: "authentication_error",
      code: "invalid_api_key",
      message: "This API key was revoked.",
    });
  }

  /** An operator locks a key out by its name, or lets it in again. */
  revoke(name: string, revoked: boolean): void {
    if (revoked) this.#revoked.add(name);
    else this.#revoked.delete(name);
  }

  /** The names of all keys, and which of them are locked out. */
  list(): readonly { readonly name: string; readonly revoked: boolean }[] {
    const names = new Set(this.#digests.map(nameOf));
    return [...names].map((name) => ({ name, revoked: this.#revoked.has(name) }));
  }
}

/** Whether a request carries the admin token, compared in constant time. */
export function hasAdminToken(headers: Headers, token: string): boolean {
  const presented = presentedKey(headers);
  return presented !== null && timingSafeEqual(digest(presented), digest(token));
}

/** Compares in a time that depends on the lengths only. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let index = 0; index < one.length; index += 1) {
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return difference === 0;
}

function nameOf(keyDigest: Buffer): string {
  return `key-${keyDigest.toString("hex").slice(0, 8)}`;
}

function presentedKey(headers: Headers): string | null {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.get("authorization") ?? "");
  return bearer?.[1] ?? headers.get("x-api-key");
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
