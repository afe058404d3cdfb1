import type { ProviderSettings } from "../../src/contract/provider.ts";

const longestMessage = 500;

/**
 * What looks like a key or a credential: prefixed keys, bearer values, AWS ids, Google keys, JWTs,
 * and the masked forms in which providers repeat them. Deliberately broad; where the prefix is a plain
 * word a digit must follow, or addresses such as `…/api-errors` would go too.
 */
const secrets =
  /\b(?:key|api|token|ak|org|xa|fw)[-_](?=[A-Za-z_*.-]{0,200}\d)[A-Za-z0-9_*.-]{6,200}|\b(?:sk|pk|rk|gsk|xai|nvapi|r8|hf|pplx|csk|tgp|ghp|gho|ghu|github_pat|glpat)[-_][A-Za-z0-9_*.-]{6,200}|\bsk-?\*[A-Za-z0-9_*.-]{2,200}|\bAIza[A-Za-z0-9_-]{10,100}|\bAKIA[A-Z0-9]{8,40}|\bya29\.[A-Za-z0-9_.-]{10,400}|\beyJ[A-Za-z0-9_-]{8,2000}(?:\.[A-Za-z0-9_-]{1,4000}){0,2}|\bBearer\s+[A-Za-z0-9._~+/=-]{6,4000}|\b[A-Za-z0-9]{2,12}\*{3,}[A-Za-z0-9]{0,12}/gi;

/** Takes an account's own secrets out of a text. */
export type Conceal = (text: string) => string;

/** Shorter ones are placeholders such as `none`, and words that messages need. */
const shortestSecret = 8;

/**
 * Replaces an account's secrets wherever a text repeats them, whatever they look like: as they are,
 * and as JSON or a URL writes them. Made once for each account; searches literally.
 */
export function concealerOf(settings: ProviderSettings, more: readonly string[] = []): Conceal {
  const { apiKey, headerSecrets = [], baseUrl } = settings;
  const password = URL.parse(baseUrl)?.password ?? "";
  const own = [apiKey ?? "", password, ...headerSecrets, ...more].flatMap(withoutScheme);
  const found = own.filter(({ length }) => length >= shortestSecret).flatMap(writings);
  // The longest first, so that no rest is left of one that holds another.
  const needles = [...new Set(found)].sort((a, b) => b.length - a.length);
  return (text) => needles.reduce((clean, needle) => clean.replaceAll(needle, "[redacted]"), text);
}

/** `Bearer x` is the secret, and `x` is. */
function withoutScheme(secret: string): readonly string[] {
  return [secret, /^(?:bearer|basic|token|key|api-key) +(\S+)$/i.exec(secret)?.[1] ?? ""];
}

function writings(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const escaped = json.replace(/[+&<>']/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
  const upper = escaped.replace(/\\u00../g, (code) => `\\u${code.slice(2).toUpperCase()}`);
  const url = percentEncoded(secret);
  return [secret, json, json.replaceAll("/", "\\/"), escaped, upper, ...url];
}

/** A lone surrogate cannot be encoded, and no header can hold one. */
function percentEncoded(secret: string): readonly string[] {
  try {
    return [encodeURIComponent(secret)];
  } catch {
    return [];
  }
}

/** A provider's message, without the account's secrets and anything key-like, cut to 500 characters. */
export function presentable(message: string | null, conceal: Conceal): string | null {
  if (message === null) return null;
  const clean = conceal(message).slice(0, 4_000).replace(secrets, "[redacted]").trim();
  if (clean === "") return null;
  return clean.length > longestMessage ? `${clean.slice(0, longestMessage - 1)}…` : clean;
}
