import type { SpendingWindow, Spent } from "../contract/budget.ts";

export function nameOf({ scope, until }: SpendingWindow): string {
  return `${until} ${scope}`;
}

/** Adds to what is spent in a window. */
export function add(to: Map<string, Spent>, more: Spent): Spent {
  const { scope, until, microUsd, unknown } = more;
  const name = nameOf(more);
  const before = to.get(name) ?? { microUsd: 0, unknown: 0 };
  const sum = {
    scope,
    until,
    microUsd: before.microUsd + microUsd,
    unknown: before.unknown + unknown,
  };
  to.set(name, sum);
  return sum;
}
