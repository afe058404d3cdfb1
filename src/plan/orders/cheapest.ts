import { ascending, type Ordering } from "./order.ts";

/** By what this request is expected to cost. A candidate without a known price stands behind all that have one. */
export const cheapest: Ordering = (candidates, { costOf }) => ascending(candidates, costOf);
