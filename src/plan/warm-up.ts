import type { LimitReading } from "../contract/limits.ts";
import type { Candidate, Route } from "../contract/route.ts";

/** An allowance with less than this share left will soon be used up. */
const lowShare = 0.1;

/**
 * The candidates that will be asked when a scope (a provider, or one candidate) is out of service:
 * on each route the first behind it whose model can be loaded ahead. Pure.
 */
export function toWarmFor(scope: string, routes: Iterable<Route>): readonly Candidate[] {
  const behind = [...routes].flatMap(({ candidates }) => {
    const at = candidates.findIndex(({ id, account }) => id === scope || account.name === scope);
    if (at < 0) return [];
    const next = candidates
      .slice(at + 1)
      .find(({ account }) => account.name !== scope && account.provider?.warm !== undefined);
    return next === undefined ? [] : [next];
  });
  return [...new Map(behind.map((candidate) => [candidate.id, candidate])).values()];
}

/** Whether a provider's last word on its limits says that they will soon be used up. */
export function isNearItsEnd({ dimensions }: LimitReading): boolean {
  return dimensions.some(
    ({ limit, remaining }) =>
      limit !== null && limit > 0 && remaining !== null && remaining / limit < lowShare,
  );
}
