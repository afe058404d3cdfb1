import { z } from "zod";

// Workers forbid making code at run time; without this zod would try, and fail, once per schema.
z.config({ jitless: true });

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    "a provider's name is letters, digits, dots, dashes and underscores",
  );

/** `env.NAME`: a secret is named here, never written here. */
const secretReference = z
  .string()
  .regex(/^env\.[A-Za-z_][A-Za-z0-9_]*$/, "write env.NAME and put the value into that secret");

/** Headers that hold a secret wherever they are used; the rest of a value (`Bearer `) may stand here. */
const secretHeader = /authorization|api-?key|token|secret|cookie|password/i;

const headers = z.record(z.string(), z.string()).superRefine((values, context) => {
  for (const [header, value] of Object.entries(values)) {
    if (!secretHeader.test(header) || /env\.[A-Za-z_]/.test(value)) continue;
    const message = "this header holds a secret: write env.NAME and put the value into that secret";
    context.addIssue({ code: "custom", path: [header], message });
  }
});

const secretsInUrl = /^[^/]*\/\/[^/?#]*@|[?&][^=&#]*(?:key|token|secret)[^=&#]*=/i;

const baseUrl = z.url({ protocol: /^https?$/ }).refine((url) => !secretsInUrl.test(url), {
  error: "a secret does not stand in an address: put it into a header that names env.NAME",
});

/** What Cloudflare lets through on its smaller plans. */
const mostBodyBytes = 100 * 1024 * 1024;

const milliseconds = z.int().positive().max(3_600_000);

const timeouts = z.strictObject({
  headersMs: milliseconds.exactOptional(),
  wholeMs: milliseconds.exactOptional(),
  firstTokenMs: milliseconds.exactOptional(),
  idleMs: milliseconds.exactOptional(),
  totalMs: milliseconds.exactOptional(),
  coldStartMs: milliseconds.exactOptional(),
  alive: z.enum(["anything", "output"]).exactOptional(),
});

/** How much of a stream is held back before the app sees any of it; the docs are docs/streams.md. */
const commit = z.union([
  z.literal("instant"),
  z.literal("buffered"),
  z
    .strictObject({
      heldTokens: z.int().positive().exactOptional(),
      heldMs: milliseconds.exactOptional(),
    })
    .refine(({ heldTokens, heldMs }) => heldTokens !== undefined || heldMs !== undefined, {
      error: "say heldTokens or heldMs",
    }),
]);

const breaker = z.strictObject({
  errorThresholdPercentage: z.number().min(1).max(100).exactOptional(),
  volumeThreshold: z.int().min(1).exactOptional(),
  rollingCountTimeout: z.int().min(1000).exactOptional(),
  consecutiveFailures: z.int().min(1).exactOptional(),
  openMs: milliseconds.exactOptional(),
  maxOpenMs: z.int().positive().exactOptional(),
});

const retries = z.strictObject({
  maxAttempts: z.int().min(1).max(20).exactOptional(),
  maxRetries: z.int().min(0).max(2).exactOptional(),
  maxRetryWaitMs: z.int().min(0).max(60_000).exactOptional(),
});

/** What is known of a model beyond its name; what is left out is unknown, and may be tried. */
const model = z.strictObject({
  /** The provider's own name for it. */
  name: z.string().min(1).exactOptional(),
  contextWindow: z.int().positive().exactOptional(),
  maxRequestTokens: z.int().positive().exactOptional(),
  tools: z.boolean().exactOptional(),
  images: z.boolean().exactOptional(),
  jsonSchema: z.boolean().exactOptional(),
  maxOutput: z.int().positive().exactOptional(),
  parallelTools: z.boolean().exactOptional(),
  audio: z.boolean().exactOptional(),
  jsonMode: z.boolean().exactOptional(),
  reasoning: z.boolean().exactOptional(),
  /** Dollars per million tokens. */
  price: z
    .strictObject({
      input: z.number().nonnegative(),
      output: z.number().nonnegative(),
      cachedInput: z.number().nonnegative().exactOptional(),
      cacheWrite: z.number().nonnegative().exactOptional(),
      reasoning: z.number().nonnegative().exactOptional(),
    })
    .exactOptional(),
});

const provider = z.strictObject({
  kind: z.string(),
  apiKey: secretReference.exactOptional(),
  baseUrl: baseUrl.exactOptional(),
  headers: headers.exactOptional(),
  /** The app's model names on the left; the provider's own, or what is known of it, on the right. */
  models: z.record(z.string(), z.union([z.string(), model])).exactOptional(),
  simulator: z.unknown().exactOptional(),
  /** The kind's own settings. */
  options: z.unknown().exactOptional(),
  /** A binding of the Worker that requests go through in place of the internet. */
  transport: z
    .string()
    .regex(
      /^binding:[A-Za-z_][A-Za-z0-9_]*$/,
      "write binding:NAME, with NAME bound in wrangler.toml",
    )
    .exactOptional(),
});

const candidateName = z
  .string()
  .regex(
    /^[^/\s*]+\/(?:\*|[^\s*]+)$/,
    "a candidate is provider/model, or provider/* for the model asked for",
  );

const routeName = z
  .string()
  .regex(/^(?:\*|[^*]+)$/, "a route's name is what an app asks for in `model`, or * for all else");

const candidate = z.union([
  candidateName,
  z.strictObject({
    use: candidateName,
    weight: z.number().positive().exactOptional(),
    timeouts: timeouts.exactOptional(),
    assistantPrefix: z.boolean().exactOptional(),
    /** Requests at once in the whole fleet; further ones wait, and then go to the next candidate. */
    maxConcurrent: z.int().positive().exactOptional(),
    maxQueue: z.int().min(0).max(1_000).exactOptional(),
    queueMs: z.int().min(0).max(60_000).exactOptional(),
  }),
]);

const candidates = z.array(candidate).min(1);

/** Changes that make a request fit a candidate; all are made unless they are refused here. */
const adapt = z.union([
  z.literal(false),
  z.strictObject({
    jsonSchema: z.boolean().exactOptional(),
    maxTokens: z.boolean().exactOptional(),
    sampling: z.boolean().exactOptional(),
    developerRole: z.boolean().exactOptional(),
    parallelToolCalls: z.boolean().exactOptional(),
    reasoningEffort: z.boolean().exactOptional(),
    toolCalls: z.boolean().exactOptional(),
  }),
]);

const routeOptions = z.strictObject({
  candidates,
  order: z.enum(["priority", "cheapest", "fastest", "weighted", "sticky"]).exactOptional(),
  /** Lesser answers by design, tried in this order behind all candidates. */
  downgrade: z.array(candidate).exactOptional(),
  adapt: adapt.exactOptional(),
  allowDegrade: z.boolean().exactOptional(),
  /** Dollars. */
  maxPricePerRequest: z.number().positive().exactOptional(),
  timeouts: timeouts.exactOptional(),
  breaker: breaker.exactOptional(),
  retries: retries.exactOptional(),
  onLimit: z.enum(["failover", "retry-short", "wait"]).exactOptional(),
  commit: commit.exactOptional(),
  onBreak: z.enum(["error", "continue"]).exactOptional(),
  keepAlive: z.union([z.boolean(), milliseconds]).exactOptional(),
  hedgeAfterMs: milliseconds.exactOptional(),
});

const route = z.union([candidates, routeOptions], {
  error: "a route is a list of candidates, or { candidates: [...], timeouts, … }",
});

/** Who may spend how much; the docs are docs/budgets.md. */
const budget = z.strictObject({
  /** Dollars in each window; 0: only what costs nothing. */
  usd: z
    .number()
    .nonnegative()
    .max(1_000_000_000)
    .refine((usd) => usd === 0 || usd >= 0.000001, {
      error: "less than a micro-dollar: write 0 for nothing but what is free",
    }),
  per: z.enum(["hour", "day", "month"]),
  key: z
    .string()
    .regex(
      /^(?:\*|key-[0-9a-f]{8})$/,
      "write the name that decisions carry (key-1a2b3c4d), never the key itself; or * for each key by itself",
    )
    .exactOptional(),
  route: routeName.exactOptional(),
  /** The spent share from which on requests turn to the cheapest candidate. */
  cheaperFrom: z.number().min(0).max(1).exactOptional(),
});

const mostBudgets = 100;

/** The shape of `lifeboat.config.ts` and of `PUT /admin/config`; a plain JSON object. */
export const configSchema = z.strictObject({
  providers: z.record(name, provider).refine((providers) => Object.keys(providers).length > 0, {
    error: "there must be a provider",
  }),
  routes: z.record(routeName, route),
  defaults: z
    .strictObject({
      timeouts: timeouts.exactOptional(),
      breaker: breaker.exactOptional(),
      retries: retries.exactOptional(),
    })
    .exactOptional(),
  /** Durable Objects that share the providers among them. */
  fleet: z.strictObject({ shards: z.int().min(1).max(64).exactOptional() }).exactOptional(),
  budgets: z.array(budget).max(mostBudgets).exactOptional(),
  limits: z
    .strictObject({ bodyBytes: z.int().positive().max(mostBodyBytes).exactOptional() })
    .exactOptional(),
  /**
   * What stands in on a developer's machine while no provider has a key.
   * Ignored as soon as one has, and always when deployed.
   */
  withoutKeys: z
    .strictObject({
      providers: z.record(name, provider),
      first: z.array(candidateName),
      last: z.array(candidateName),
    })
    .exactOptional(),
});

export type Config = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;
export type ProviderEntry = z.output<typeof provider>;
export type ModelEntry = z.output<typeof model>;
export type RouteEntry = z.output<typeof route>;
export type RouteOptions = z.output<typeof routeOptions>;
export type CandidateEntry = z.output<typeof candidate>;
export type BudgetEntry = z.output<typeof budget>;
export type TimeoutsEntry = z.output<typeof timeouts>;
