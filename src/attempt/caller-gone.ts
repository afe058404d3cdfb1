import { ownFailure } from "./own-failure.ts";

/** Says nothing of the provider. */
export const callerGone = ownFailure({
  class: "cancelled",
  failsOver: false,
  message: "the caller left",
});
