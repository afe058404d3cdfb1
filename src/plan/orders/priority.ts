import type { Ordering } from "./order.ts";

/** As the config lists them. */
export const priority: Ordering = (candidates) => candidates;
