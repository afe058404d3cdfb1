import { ascending, type Ordering } from "./order.ts";
import { seeded } from "./seeded.ts";

/**
 * The same order for requests that belong together, so that a provider's prompt cache stays warm; by
 * weight over all of them. A candidate that comes or goes moves no other one's requests (rendezvous
 * hashing).
 */
export const sticky: Ordering = (candidates, { requestKey }) =>
  ascending(candidates, ({ id, weight }) => -Math.log(seeded(`${requestKey} ${id}`)) / weight);
