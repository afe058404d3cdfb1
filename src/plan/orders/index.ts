import type { Order } from "../../contract/route.ts";
import { cheapest } from "./cheapest.ts";
import { fastest } from "./fastest.ts";
import type { Ordering } from "./order.ts";
import { priority } from "./priority.ts";
import { sticky } from "./sticky.ts";
import { weighted } from "./weighted.ts";

/** Every order by the name that the config uses. */
export const orders: Readonly<Record<Order, Ordering>> = {
  priority,
  cheapest,
  fastest,
  weighted,
  sticky,
};
