const longestMessage = 500;

/**
 * What looks like a key or a credential: prefixed keys, bearer values, AWS ids, Google keys, JWTs,
 * and the masked forms in which providers repeat them. Deliberately broad; where the prefix is a plain
 * word a digit must follow, or addresses such as `…/api-errors` would go too.
 */
const secrets =
  /\b(?:key|api|token|ak|org|xa|fw)[-_](?=[A-Za-z_*.-]{0,200}\d)[A-Za-z0-9_*.-]{6,200}|\b(?:sk|pk|rk|gsk|xai|nvapi|r8|hf|pplx|csk|tgp|ghp|gho|ghu|github_pat|glpat)[-_][A-Za-z0-9_*.-]{6,200}|\bsk-?\*[A-Za-z0-9_*.-]{2,200}|\bAIza[A-Za-z0-9_-]{10,100}|\bAKIA[A-Z0-9]{8,40}|\bya29\.[A-Za-z0-9_.-]{10,400}|\beyJ[A-Za-z0-9_-]{8,2000}(?:\.[A-Za-z0-9_-]{1,4000}){0,2}|\bBearer\s+[A-Za-z0-9._~+/=-]{6,4000}|\b[A-Za-z0-9]{2,12}\*{3,}[A-Za-z0-9]{0,12}/gi;

/** A provider's message, without anything key-like and cut to 500 characters. */
export function presentable(message: string | null): string | null {
  if (message === null) return null;
  const clean = message.slice(0, 4_000).replace(secrets, "[redacted]").trim();
  if (clean === "") return null;
  return clean.length > longestMessage ? `${clean.slice(0, longestMessage - 1)}…` : clean;
}
