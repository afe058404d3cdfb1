import type { Failure } from "../contract/failure.ts";
import { isMeaningful, type FailureReader, type Frame, type FrameSource } from "./frame.ts";
import { count, isUsageOnly, type Tally } from "./tally.ts";

/** More start-up than this without output, and what is held is let go all the same. */
const mostHeldBytes = 64 * 1024;

export type GateResult =
  | { readonly committed: true; readonly held: readonly Uint8Array[] }
  | { readonly committed: false; readonly failure: Failure };

/**
 * Holds a stream back until its first meaningful output, so that whatever goes wrong before it can
 * still be answered by another candidate. The first-token clock bounds it in time.
 */
export async function awaitCommit(
  source: FrameSource,
  tally: Tally,
  { failures, hideUsage }: { failures: FailureReader; hideUsage: boolean },
): Promise<GateResult> {
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  for (;;) {
    const frames = await source.next("read");
    if (frames === null) return atEnd(held, tally, failures);
    for (const frame of frames) {
      if (frame.type === "failure") return { committed: false, failure: frame.failure };
      const bytes = passable(frame, { tally, hideUsage });
      if (bytes === null) continue;
      held.push(bytes);
      heldBytes += bytes.length;
    }
    if (tally.done) return atEnd(held, tally, failures);
    if (frames.some(commits) || heldBytes > mostHeldBytes) return { committed: true, held };
  }
}

function commits(frame: Frame): boolean {
  return frame.type === "chunk" && frame.chunk !== null && isMeaningful(frame.chunk);
}

function atEnd(held: readonly Uint8Array[], tally: Tally, failures: FailureReader): GateResult {
  if (tally.finished) return { committed: true, held };
  return { committed: false, failure: failures.said("", "stream") };
}

/** Counts a frame; gives the bytes to pass on, or null for a frame that the app is not to see. */
export function passable(
  frame: Exclude<Frame, { type: "failure" }>,
  { tally, hideUsage }: { tally: Tally; hideUsage: boolean },
): Uint8Array | null {
  switch (frame.type) {
    case "malformed":
      return null;
    case "done":
      tally.done = true;
      return frame.bytes;
    case "noise":
      return frame.bytes;
    case "chunk":
      if (frame.chunk === null) return frame.bytes;
      count(tally, frame.chunk);
      return hideUsage && isUsageOnly(frame.chunk) ? null : frame.bytes;
  }
}
