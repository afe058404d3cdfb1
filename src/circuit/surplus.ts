/** Room for so many newcomers is made at a time, so that the sorting is spread over them. */
const roomShare = 0.1;

/** How much one is worth keeping: the rank first, then the later use (ms UTC). */
export interface Worth {
  readonly rank: number;
  readonly usedAt: number;
}

/**
 * Which to forget where more than `most` are kept: those of least worth, a tenth of `most` beyond
 * what is too many. Apps choose names of models, and ever new ones must fill no memory.
 */
export function surplus<T>(
  kept: ReadonlyMap<string, T>,
  most: number,
  worthOf: (one: T) => Worth,
): readonly string[] {
  if (kept.size <= most) return [];
  const ranked = [...kept].map(([name, one]) => ({ name, ...worthOf(one) }));
  ranked.sort((a, b) => a.rank - b.rank || a.usedAt - b.usedAt);
  const tooMany = kept.size - Math.floor(most * (1 - roomShare));
  return ranked.slice(0, tooMany).map(({ name }) => name);
}
