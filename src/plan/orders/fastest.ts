import type { Candidate } from "../../contract/route.ts";
import type { Speed } from "../../contract/speed.ts";
import { ascending, type Ordering } from "./order.ts";
import { seeded } from "./seeded.ts";

/** This share of the requests goes to a candidate that has not been measured lately: else it never would be. */
const triedShare = 0.05;
/** Stands in where no answer was long enough to tell. */
const usualTokensPerSecond = 50;

/** By the time that the whole answer is expected to take, as measured lately. */
export const fastest: Ordering = (candidates, { speedOf, answerTokens, seed }) => {
  const ordered = ascending(candidates, (candidate) => {
    const speed = speedOf(candidate);
    return speed === null ? null : expectedMs(speed, answerTokens);
  });
  const unmeasured = ordered.filter((candidate) => speedOf(candidate) === null);
  const chance = seeded(`${seed} measure`);
  if (unmeasured.length === 0 || chance >= triedShare) return ordered;
  const chosen = unmeasured[Math.floor((chance / triedShare) * unmeasured.length)];
  return chosen === undefined ? ordered : moveToFront(ordered, chosen);
};

function expectedMs({ firstTokenMs, tokensPerSecond }: Speed, tokens: number): number {
  return firstTokenMs + (tokens * 1000) / (tokensPerSecond ?? usualTokensPerSecond);
}

function moveToFront(candidates: readonly Candidate[], first: Candidate): readonly Candidate[] {
  return [first, ...candidates.filter((candidate) => candidate !== first)];
}
