/** The most of a failure's body that is read; what follows is not fetched. */
export const mostBodyBytes = 64 * 1024;

/** Reads at most 64 KiB of a body as text and cancels the rest. Rejects when the body breaks off. */
export async function readCapped(response: Response): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let left = mostBodyBytes;
  while (left > 0) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    const part = value.length > left ? value.subarray(0, left) : value;
    text += decoder.decode(part, { stream: true });
    left -= part.length;
  }
  reader.cancel().catch(() => undefined);
  return text;
}

/** Reads a body as text; null, and the rest cancelled, when it has more than `most` bytes. Rejects when it breaks off. */
export async function readWhole(response: Response, most: number): Promise<string | null> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let left = most;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    left -= value.length;
    if (left < 0) {
      reader.cancel().catch(() => undefined);
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
