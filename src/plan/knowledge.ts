import type { Candidate, ModelFacts } from "../contract/route.ts";
import type { Speed } from "../contract/speed.ts";

/** What is known of candidates beyond the config, by asking them and by what they have done. */
export interface Knowledge {
  /** What the config, the catalogue and the provider itself say of its model. */
  facts(candidate: Candidate): ModelFacts;
  /** By how much its prompts differ from the estimate, and whether that rests on real usage. */
  ratio(candidate: Candidate): { ratio: number; learnt: boolean };
  /** Null when it was not measured lately. */
  speed(candidate: Candidate, now: number): Speed | null;
  /** Whether its model is known to have to be loaded first. */
  cold(candidate: Candidate, now: number): boolean;
  /** What to do about a model that is known not to be on its machine; null when it is there or nobody knows. */
  missing(candidate: Candidate, now: number): { advice: string; until: number } | null;
}

/** Knows nothing. */
export const nothingKnown: Knowledge = {
  facts: (candidate) => candidate.facts,
  ratio: () => ({ ratio: 1, learnt: false }),
  speed: () => null,
  cold: () => false,
  missing: () => null,
};
