/** A 32-bit FNV-1a hash: the same text gives the same number everywhere. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** An id such as `chatcmpl-…`: a prefix and that many random letters and digits. */
export function randomId(prefix: string, length: number, random: () => number): string {
  const letters = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]);
  return prefix + letters.join("");
}
