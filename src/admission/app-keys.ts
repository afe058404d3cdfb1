import { createHash, timingSafeEqual } from "node:crypto";
import { Refusal } from "../contract/refusal.ts";

export interface Caller {
  /** A name for the key that is safe to store and to show. */
  readonly key: string;
}

/** The app keys of a deployment, compared as digests. */
export class AppKeys {
  readonly #digests: readonly Buffer[];
  /** Who was let in before: hashing a key costs more than the rest of the admission. */
  readonly #letIn = new Map<string, Caller>();

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
    return this.#letIn.get(presented) ?? this.#compare(presented);
  }

  #compare(presented: string): Caller {
    const wanted = digest(presented);
    // Every digest is compared, so that the time taken does not tell which one came close.
    const known = this.#digests.reduce((hit, one) => timingSafeEqual(one, wanted) || hit, false);
    if (known) {
      const caller = { key: `key-${wanted.toString("hex").slice(0, 8)}` };
      // Only keys of this deployment get here, so it cannot grow beyond their number.
      this.#letIn.set(presented, caller);
      return caller;
    }
    throw new Refusal(401, {
      type: "authentication_error",
      code: "invalid_api_key",
      message: "Incorrect API key provided.",
    });
  }
}

/** Whether a request carries the admin token, compared in constant time. */
export function hasAdminToken(headers: Headers, token: string): boolean {
  const presented = presentedKey(headers);
  return presented !== null && timingSafeEqual(digest(presented), digest(token));
}

function presentedKey(headers: Headers): string | null {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.get("authorization") ?? "");
  return bearer?.[1] ?? headers.get("x-api-key");
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
