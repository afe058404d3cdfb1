/** One thing that was measured of one subject, over all rounds. */
export interface Figure {
  readonly scenario: string;
  readonly subject: string;
  readonly metric: string;
  readonly unit: string;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly rounds: number;
}

/** What one round of one subject gave: metric with its unit -> value. */
export type Sample = Readonly<Record<string, number>>;

export interface Entrant {
  readonly name: string;
  measure(round: number): Promise<Sample>;
}

/**
 * Measures everybody in turns (A B C A B C …), so that whatever else the machine does falls on all
 * alike, and gives the medians. A first round warms up and does not count.
 */
export async function interleave(
  scenario: string,
  entrants: readonly Entrant[],
  rounds: number,
): Promise<Figure[]> {
  const samples = new Map<string, Sample[]>(entrants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const entrant of entrants) {
      const sample = await entrant.measure(round);
      if (round > 0) samples.get(entrant.name)?.push(sample);
    }
  }
  return [...samples].flatMap(([subject, taken]) =>
    Object.keys(taken[0] ?? {}).map((metricWithUnit) => {
      const values = taken.map((sample) => sample[metricWithUnit] ?? Number.NaN);
      return figureOf({ scenario, subject }, metricWithUnit, values);
    }),
  );
}

/** A metric is written `requests/s` or `time to first token [ms]`. */
export function figureOf(
  of: { readonly scenario: string; readonly subject: string },
  metricWithUnit: string,
  values: readonly number[],
): Figure {
  const [, metric = metricWithUnit, unit = ""] = /^(.*?)(?: \[(.*)\])?$/.exec(metricWithUnit) ?? [];
  return {
    ...of,
    metric,
    unit,
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    rounds: values.length,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const below = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const above = sorted[Math.floor(middle)] ?? Number.NaN;
  return (below + above) / 2;
}
