import type { Price } from "../../src/contract/route.ts";

const nothing = { base: 0, above: [] };

/** A model on the operator's own machine: nobody charges for its tokens. */
export const noCharge: Price = {
  input: nothing,
  output: nothing,
  cachedInput: null,
  cacheWrite: null,
  reasoning: null,
};
