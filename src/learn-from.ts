import type { Settled } from "./attempt/settle.ts";
import type { ChatRequest } from "./contract/chat.ts";
import type { Candidate } from "./contract/route.ts";
import { clock, type Isolate } from "./isolate.ts";
import { estimateOf } from "./plan/estimate.ts";
import { needsOf } from "./plan/needs.ts";
import { seeded } from "./plan/orders/seeded.ts";

/** Reading a prompt again costs CPU time; once a candidate's ratio is known, this share keeps it true. */
const checkedShare = 0.05;

interface Served {
  readonly id: string;
  readonly parsed: { readonly request: ChatRequest };
}

/** Learns from an answer how its candidate counts tokens, how fast it is, and that its model is loaded. */
export function learnFrom(
  { id, parsed }: Served,
  candidate: Candidate,
  end: Settled,
  { promptRatios, readiness, speeds }: Isolate,
): void {
  const now = clock.now();
  readiness.answered(candidate, now);
  const { usage, continuedBy, ending } = end;
  if (continuedBy !== null || ending !== "complete") return;
  const [attempt] = end.attempts;
  if (attempt !== undefined) speeds.note(candidate.id, measured(attempt, end), now);
  if (usage === null) return;
  if (promptRatios.isLearnt(candidate.id) && seeded(id) >= checkedShare) return;
  // What a picture takes says nothing of how a model counts text.
  const { images, audio } = needsOf(parsed.request);
  if (images || audio) return;
  const { input } = estimateOf(parsed.request).tokens;
  promptRatios.learn(candidate.id, input, usage.prompt_tokens);
}

function measured(
  { firstTokenMs, durationMs }: Settled["attempts"][number],
  { delivered, usage }: Settled,
) {
  const tokens = usage?.completion_tokens ?? null;
  const streamed = delivered !== null && firstTokenMs !== null;
  return streamed
    ? { firstTokenMs, tokens, afterMs: durationMs - firstTokenMs }
    : { firstTokenMs: null, tokens, afterMs: durationMs };
}
