import { ascending, type Ordering } from "./order.ts";
import { seeded } from "./seeded.ts";

/**
 * By chance in proportion to the weights, the same for the same decision. Each place is drawn from
 * those left (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006).
 */
export const weighted: Ordering = (candidates, { seed }) =>
  ascending(candidates, ({ id, weight }) => -Math.log(seeded(`${seed} ${id}`)) / weight);
