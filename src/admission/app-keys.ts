import { createHash, timingSafeEqual } from "node:crypto";
import { Refusal } from "../contract/refusal.ts";

export interface Caller {
  /** A name for the key that is safe to store and to show. */
  readonly key: string;
}

/** The app keys of a deployment, as digests: a key itself is nowhere kept. */
export class AppKeys {
  readonly #digests: readonly Buffer[];
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
    const wanted = digest(presented);
    // Every digest is compared, so that the time taken does not tell which one came close.
    const known = this.#digests.reduce((hit, one) => timingSafeEqual(one, wanted) || hit, false);
    if (known) return { key: nameOf(wanted) };
    throw new Refusal(401, {
      type: "authentication_error",
      code: "invalid_api_key",
      message: "Incorrect API key provided.",
    });
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
