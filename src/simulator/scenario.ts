/** What goes wrong on demand: by a model's name, or for a whole account by its `fault` setting. */
export const faults = [
  "quota-exhausted",
  "rate-limited",
  "overloaded",
  "server-error",
  "unauthorized",
  "model-missing",
  "context-length",
  "content-filter",
  "slow",
  "silent",
  "cut",
  "garbage",
  "down",
] as const;

export type Fault = (typeof faults)[number];

/** `echo` is no fault: it answers with the last user message. */
export const scenarios = ["echo", ...faults] as const;

/** How one chat request is met; `plain` is an ordinary answer. */
export type Scenario = "plain" | (typeof scenarios)[number];

/** The scenario that a model's name, or its last path segment, asks for. */
function scenarioNamed(model: string): Scenario {
  const name = model.slice(model.lastIndexOf("/") + 1);
  return scenarios.find((scenario) => scenario === name) ?? "plain";
}

/**
 * The scenario of an account's n-th chat request (from 1): the account's own fault where it is due,
 * else what the model's name asks for.
 */
export function scenarioOf(
  model: string,
  { nth, fault, failEvery }: { nth: number; fault: Fault | null; failEvery: number },
): Scenario {
  if (fault !== null && nth % failEvery === 0) return fault;
  return scenarioNamed(model);
}
