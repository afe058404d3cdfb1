import type { Switchboard } from "../circuit/switchboard.ts";
import type { CircuitState } from "../contract/decision.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { Account } from "../contract/route.ts";
import type { ExplainedFacts, ProviderReadiness } from "./readiness.ts";

/** What is known of one candidate: its circuit, and its provider's last word on its limits. */
interface CandidateReport extends CircuitReport {
  readonly candidate: string;
  readonly reading: (LimitReading & { readonly ageMs: number }) | null;
  /** What is known of its model, and from where; null where the config does not name it. */
  readonly facts: ExplainedFacts | null;
}

interface CircuitReport {
  readonly circuit: CircuitState;
  /** Open: when it may be probed, ms UTC. */
  readonly until: number | null;
  readonly reason: string | null;
}

interface ProviderReport extends ProviderReadiness, CircuitReport {
  /** Whether it has its key and could be called; `missing` names the secret that it lacks. */
  readonly configured: boolean;
  readonly missing: string | null;
  readonly candidates: readonly CandidateReport[];
}

interface Known {
  readonly accounts: readonly Account[];
  readonly readiness: readonly ProviderReadiness[];
  /** The candidates that the config names. */
  readonly candidates: readonly string[];
  readonly circuits: Switchboard;
  readonly readings: ReadonlyMap<string, LimitReading>;
  readonly factsOf: (candidate: string) => ExplainedFacts | null;
  readonly now: number;
}

/** `GET /admin/providers`, as this isolate knows it. Holds no secret: of keys only the names of those that are missing. */
export function reportProviders(known: Known): readonly ProviderReport[] {
  const circuits = new Map(known.circuits.list(known.now).map((one) => [one.scope, one]));
  const circuitOf = (scope: string): CircuitReport => {
    const { state = "closed", until = null, reason = null } = circuits.get(scope) ?? {};
    return { circuit: state, until, reason };
  };
  const ids = new Set([...known.candidates, ...known.readings.keys()]);
  const byProvider = Map.groupBy(ids, (id) => id.slice(0, id.indexOf("/")));
  const missing = new Map(known.accounts.map((account) => [account.name, account.missing]));
  return known.readiness.map((ready) => ({
    ...ready,
    configured: missing.get(ready.name) === null,
    missing: missing.get(ready.name) ?? null,
    ...circuitOf(ready.name),
    candidates: (byProvider.get(ready.name) ?? []).map((candidate) => ({
      candidate,
      ...circuitOf(candidate),
      reading: aged(known.readings.get(candidate), known.now),
      facts: known.factsOf(candidate),
    })),
  }));
}

function aged(reading: LimitReading | undefined, now: number): CandidateReport["reading"] {
  return reading === undefined ? null : { ...reading, ageMs: Math.max(0, now - reading.at) };
}
