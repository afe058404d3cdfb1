import type { z } from "zod";
import type { ProviderKind } from "../contract/provider.ts";
import type { Account, BreakerOptions, Candidate, Route } from "../contract/route.ts";
import { unreachableAddress } from "./addresses.ts";
import { budgetIssues, BudgetTable } from "./budgets.ts";
import { defaultBodyBytes, defaultBreaker, plainCandidate, plainRoute } from "./defaults.ts";
import { resolveFitting, resolveSeats } from "./fitting.ts";
import {
  configSchema,
  type CandidateEntry,
  type ParsedConfig,
  type ProviderEntry,
  type RouteEntry,
  type RouteOptions,
} from "./schema.ts";
import { connectAll } from "./connect.ts";
import type { Bindings } from "./secrets.ts";
import { resolveModel } from "./models.ts";
import { resolveRetries } from "./retries.ts";
import { resolveStreaming } from "./streaming.ts";
import { resolveTimeouts } from "./timeouts.ts";

export interface ConfigIssue {
  /** Where in the config, as `routes.chat[0]`. */
  readonly path: string;
  readonly reason: string;
}

/** A config with its secrets resolved and its references checked; what requests are planned with. */
export interface ActiveConfig {
  readonly source: ParsedConfig;
  readonly accounts: ReadonlyMap<string, Account>;
  /** The route that a `model` names; null when nothing here could serve it. */
  readonly routeFor: (model: string) => Route | null;
  readonly bodyBytes: number;
  /** Who may spend how much; null where nobody has a budget. */
  readonly budgets: BudgetTable | null;
  /** How many objects share the fleet's state. */
  readonly fleetShards: number;
  readonly routeNames: readonly string[];
  readonly candidateNames: readonly string[];
  /** Every route of the config, `*` too. */
  readonly routes: readonly Route[];
  /** The models that the config names of a provider, by the provider's own names. */
  readonly modelsOf: (provider: string) => readonly string[];
  /** Settings of simulated accounts by provider name. */
  readonly simulated: Readonly<Record<string, unknown>>;
}

export interface CompileContext {
  readonly kinds: ReadonlyMap<string, ProviderKind>;
  readonly bindings: Bindings;
  /** True on a developer's machine, where `withoutKeys` may stand in. */
  readonly local: boolean;
  /** Whether private addresses can be reached from here, as from a machine of one's own. */
  readonly privateAddresses: boolean;
  /** Checks a `simulator` section; the issue's text, or null. */
  readonly checkSimulator: (settings: unknown) => string | null;
}

export type Compiled =
  | { readonly ok: true; readonly config: ActiveConfig }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/** Checks a config and makes it ready for use. Does no I/O and never throws on a bad config. */
export function compileConfig(raw: unknown, context: CompileContext): Compiled {
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) return { ok: false, issues: parsed.error.issues.flatMap(flattenIssue) };
  const issues = [
    ...providerIssues(parsed.data, context),
    ...routeIssues(parsed.data),
    ...budgetIssues(parsed.data),
  ];
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, config: activate(parsed.data, context) };
}

/** A union's issue hides what is wrong in the branch that was meant: the one that got furthest. */
function flattenIssue(issue: z.core.$ZodIssue): ConfigIssue[] {
  if (issue.code === "invalid_union") {
    const deepest = issue.errors
      .flat()
      .filter((inner) => inner.path.length > 0 || inner.code !== "invalid_type")
      .sort((a, b) => b.path.length - a.path.length)[0];
    if (deepest !== undefined) {
      return flattenIssue({ ...deepest, path: [...issue.path, ...deepest.path] });
    }
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: formatPath([...issue.path, key]),
      reason: "unknown key",
    }));
  }
  const reason = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  return [{ path: formatPath(issue.path), reason: reason ?? issue.message }];
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function providerIssues(config: ParsedConfig, context: CompileContext): ConfigIssue[] {
  const sections = [
    ["providers", config.providers],
    ["withoutKeys.providers", config.withoutKeys?.providers ?? {}],
  ] as const;
  return sections.flatMap(([section, providers]) =>
    Object.entries(providers).flatMap(([name, entry]) =>
      entryIssues(`${section}.${name}`, entry, context),
    ),
  );
}

function entryIssues(path: string, entry: ProviderEntry, context: CompileContext): ConfigIssue[] {
  const kind = context.kinds.get(entry.kind);
  if (kind === undefined) {
    const known = [...context.kinds.keys()].sort().join(", ");
    return [{ path: `${path}.kind`, reason: `no provider kind "${entry.kind}"; known: ${known}` }];
  }
  const issues: ConfigIssue[] = [];
  if ((kind.baseUrl ?? entry.baseUrl ?? entry.transport) === undefined) {
    issues.push({ path: `${path}.baseUrl`, reason: `kind "${entry.kind}" needs a baseUrl` });
  }
  issues.push(...addressIssues(path, entry, context));
  const wrong = entry.options === undefined ? null : wrongOptions(kind, entry.options);
  if (wrong !== null) issues.push({ path: `${path}.options`, reason: wrong });
  if (entry.simulator !== undefined) {
    const reason = context.checkSimulator(entry.simulator);
    if (reason !== null) issues.push({ path: `${path}.simulator`, reason });
  }
  return issues;
}

function addressIssues(path: string, entry: ProviderEntry, context: CompileContext): ConfigIssue[] {
  const { baseUrl, transport } = entry;
  if (context.privateAddresses || baseUrl === undefined || transport !== undefined) return [];
  const reason = unreachableAddress(baseUrl);
  return reason === null ? [] : [{ path: `${path}.baseUrl`, reason }];
}

function wrongOptions(kind: ProviderKind, options: unknown): string | null {
  return kind.checkOptions?.(options) ?? (kind.checkOptions ? null : "this kind has no options");
}

function candidatesOf(entry: RouteEntry): readonly string[] {
  return candidateEntries(entry).map(({ use }) => use);
}

type CandidateOptions = Exclude<CandidateEntry, string> & { readonly lesser?: boolean };

function candidateEntries(entry: RouteEntry): readonly CandidateOptions[] {
  if (Array.isArray(entry)) return entry.map(optionsOf);
  const lesser = (entry.downgrade ?? []).map(optionsOf);
  return [...entry.candidates.map(optionsOf), ...lesser.map((one) => ({ ...one, lesser: true }))];
}

function optionsOf(entry: CandidateEntry): CandidateOptions {
  return typeof entry === "string" ? { use: entry } : entry;
}

function routeIssues(config: ParsedConfig): ConfigIssue[] {
  const known = new Set(Object.keys(config.providers));
  const issues = Object.entries(config.routes).flatMap(([route, entry]) =>
    candidatesOf(entry).flatMap((candidate, index) => {
      return referenceIssue(`routes.${route}${placeOf(entry, index)}`, candidate, known);
    }),
  );
  const standIns = config.withoutKeys;
  if (standIns === undefined) return issues;
  const knownWithout = new Set([...known, ...Object.keys(standIns.providers)]);
  const standInIssues = (["first", "last"] as const).flatMap((place) =>
    standIns[place].flatMap((candidate, index) =>
      referenceIssue(`withoutKeys.${place}[${index}]`, candidate, knownWithout),
    ),
  );
  return [...issues, ...standInIssues];
}

/** Where a candidate stands in its route: those of `downgrade` come behind the others. */
function placeOf(entry: RouteEntry, index: number): string {
  if (Array.isArray(entry)) return `[${index}]`;
  const before = entry.candidates.length;
  return index < before ? `.candidates[${index}]` : `.downgrade[${index - before}]`;
}

function referenceIssue(path: string, candidate: string, known: Set<string>): ConfigIssue[] {
  const provider = candidate.slice(0, candidate.indexOf("/"));
  if (known.has(provider)) return [];
  return [{ path, reason: `no provider "${provider}"; known: ${[...known].sort().join(", ")}` }];
}

function activate(source: ParsedConfig, context: CompileContext): ActiveConfig {
  const own = connectAll(source.providers, context);
  const standIns = standInsFor(source, own, context);
  const accounts = new Map([...own, ...connectAll(standIns?.providers ?? {}, context)]);
  const breaker = { ...defaultBreaker, ...source.defaults?.breaker };
  const staysHere = (name: string): boolean => {
    const kind = context.kinds.get(name);
    return kind !== undefined && (kind.local || isSimulated(kind));
  };
  const settings = { accounts, source, breaker, standIns, staysHere };
  const routes = new Map(
    Object.keys(source.routes).map((name) => [name, buildRoute(settings, name, name)] as const),
  );
  return {
    source,
    accounts,
    routeFor: (model) => routes.get(model) ?? adHocRoute(settings, model),
    bodyBytes: source.limits?.bodyBytes ?? defaultBodyBytes,
    budgets: BudgetTable.of(source),
    fleetShards: source.fleet?.shards ?? 1,
    routeNames: [...routes.keys()].filter((name) => name !== "*"),
    candidateNames: candidateNames(routes),
    routes: [...routes.values()],
    modelsOf: (provider) => modelsOf(provider, routes),
    simulated: Object.fromEntries(
      Object.entries({ ...source.providers, ...standIns?.providers })
        .filter(([, entry]) => isSimulated(context.kinds.get(entry.kind)))
        .map(([name, entry]) => [name, entry.simulator ?? {}]),
    ),
  };
}

/** Where simulated accounts live; no such host exists, so nothing of theirs can leave the process. */
export const simulatedHost = "http://simulator.invalid/";

function isSimulated(kind: ProviderKind | undefined): boolean {
  return kind?.baseUrl?.startsWith(simulatedHost) === true;
}

interface RouteSettings {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly source: ParsedConfig;
  readonly breaker: BreakerOptions;
  readonly standIns: ParsedConfig["withoutKeys"] | null;
  /** Kinds that run on one's own machine: what is meant for `ollama/…` must not end at whoever takes `*`. */
  readonly staysHere: (kind: string) => boolean;
}

function standInsFor(
  source: ParsedConfig,
  own: ReadonlyMap<string, Account>,
  context: CompileContext,
): ParsedConfig["withoutKeys"] | null {
  if (!context.local || source.withoutKeys === undefined) return null;
  const anyKey = [...own.values()].some((account) => account.provider !== null && !account.local);
  return anyKey ? null : source.withoutKeys;
}

function buildRoute(settings: RouteSettings, routeName: string, model: string): Route {
  const entry = settings.source.routes[routeName] ?? [];
  const options = Array.isArray(entry) ? null : entry;
  return {
    name: routeName,
    candidates: withStandIns(settings, candidateEntries(entry)).flatMap((candidate) =>
      resolveCandidate(settings, candidate, { model, options }),
    ),
    timeouts: resolveTimeouts(false, [settings.source.defaults?.timeouts, options?.timeouts]),
    breaker: { ...settings.breaker, ...options?.breaker },
    streaming: resolveStreaming(options),
    retries: resolveRetries(settings.source.defaults, options),
    order: options?.order ?? plainRoute.order,
    fitting: resolveFitting(options),
  };
}

function withStandIns(
  { standIns }: RouteSettings,
  entries: readonly CandidateOptions[],
): readonly CandidateOptions[] {
  const standIn = (use: string): CandidateOptions => ({ use });
  if (!standIns) return entries;
  return [...standIns.first.map(standIn), ...entries, ...standIns.last.map(standIn)];
}

function resolveCandidate(
  settings: RouteSettings,
  { use: name, timeouts, ...own }: CandidateOptions,
  { model: asked, options }: { model: string; options: RouteOptions | null },
): Candidate[] {
  const slash = name.indexOf("/");
  const providerName = name.slice(0, slash);
  const account = settings.accounts.get(providerName);
  if (account === undefined) return [];
  const model = name.slice(slash + 1) === "*" ? asked : name.slice(slash + 1);
  const said = [settings.source.defaults?.timeouts, options?.timeouts, timeouts];
  return [
    {
      id: `${providerName}/${model}`,
      account,
      ...plainCandidate,
      ...resolveModel(entryOf(settings, providerName), model, account.provider),
      timeouts: resolveTimeouts(account.local, said),
      assistantPrefix: own.assistantPrefix ?? account.provider?.continuesPrefix ?? false,
      weight: own.weight ?? plainCandidate.weight,
      lesser: own.lesser ?? false,
      seats: resolveSeats({ use: name, ...own }),
    },
  ];
}

function entryOf({ source, standIns }: RouteSettings, provider: string): ProviderEntry | undefined {
  return source.providers[provider] ?? standIns?.providers[provider];
}

/** A `model` that is no route: `provider/model` is a route of one; else the route `*`. */
function adHocRoute(settings: RouteSettings, model: string): Route | null {
  const slash = model.indexOf("/");
  const prefix = model.slice(0, Math.max(0, slash));
  if (!settings.accounts.has(prefix) && settings.staysHere(prefix)) return null;
  if (slash > 0 && settings.accounts.has(prefix)) {
    return {
      name: model,
      candidates: resolveCandidate(settings, { use: model }, { model, options: null }),
      timeouts: resolveTimeouts(false, [settings.source.defaults?.timeouts]),
      breaker: settings.breaker,
      streaming: resolveStreaming(null),
      retries: resolveRetries(settings.source.defaults, null),
      ...plainRoute,
    };
  }
  return settings.source.routes["*"] === undefined ? null : buildRoute(settings, "*", model);
}

function candidateNames(routes: ReadonlyMap<string, Route>): readonly string[] {
  const usable = [...routes.values()].flatMap(({ candidates }) =>
    candidates.filter(({ account }) => account.provider !== null),
  );
  const ids = usable.map(({ id }) => id);
  return [...new Set(ids)].filter((id) => !id.endsWith("/*"));
}

function modelsOf(provider: string, routes: ReadonlyMap<string, Route>): readonly string[] {
  const candidates = [...routes.values()].flatMap((route) => route.candidates);
  const own = candidates.filter(({ account }) => account.name === provider);
  return [...new Set(own.map(({ model }) => model))].filter((model) => model !== "*");
}
