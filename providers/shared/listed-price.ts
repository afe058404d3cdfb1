import type { Price, Rate } from "../../src/contract/route.ts";

/** Dollars per million tokens that can be meant; what is beyond was stated in another unit. */
const least = 0.001;
const most = 2_000;

/** How a listing states its prices. */
interface Unit {
  /** What one of it is in dollars per million tokens. */
  readonly worth: number;
  /** Whether 0 means free of charge; in most listings it only means that no price was entered. */
  readonly free?: true;
}

export const perToken: Unit = { worth: 1_000_000 };
export const perMillion: Unit = { worth: 1 };

interface Stated {
  readonly input: unknown;
  readonly output: unknown;
  readonly cachedInput?: unknown;
  readonly cacheWrite?: unknown;
}

/** The price that a listing states; null where it states none, or half of one. */
export function listedPrice(stated: Stated, unit: Unit): Price | null {
  const input = dollarsIn(stated.input, unit);
  const output = dollarsIn(stated.output, unit);
  if (input === null || output === null) return null;
  return {
    input: flat(input),
    output: flat(output),
    cachedInput: ownRate(stated.cachedInput, unit),
    cacheWrite: ownRate(stated.cacheWrite, unit),
    reasoning: null,
  };
}

/** The same, where a prompt of more than `tokens` has another price. */
export function dearerAbove(price: Price, tokens: number, { input, output }: Price): Price {
  const stepped = (rate: Rate, { base }: Rate): Rate => ({
    base: rate.base,
    above: [{ tokens, price: base }],
  });
  return { ...price, input: stepped(price.input, input), output: stepped(price.output, output) };
}

/** A price for a sort of tokens that is often left at 0: then it has none of its own. */
function ownRate(value: unknown, unit: Unit): Rate | null {
  const dollars = dollarsIn(value, unit);
  return dollars === null || dollars === 0 ? null : flat(dollars);
}

function dollarsIn(value: unknown, { worth, free }: Unit): number | null {
  const number = numberIn(value);
  if (number === null) return null;
  if (number === 0) return free === true ? 0 : null;
  // The digits behind are of the arithmetic.
  const dollars = Number((number * worth).toPrecision(12));
  return dollars >= least && dollars <= most ? dollars : null;
}

/** A number, or the text of one; "-1" is none. */
function numberIn(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : null;
  if (typeof value !== "string" || !/^\d{1,9}(?:\.\d{1,20})?(?:e-\d{1,2})?$/i.test(value)) {
    return null;
  }
  return Number(value);
}

function flat(base: number): Rate {
  return { base, above: [] };
}
