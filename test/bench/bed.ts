import { join } from "node:path";
import { bundleCommit, bundleLifeboat, bundleWorker } from "./bundles.ts";
import {
  launchLifeboat,
  lifeboatConfig,
  startLifeboat,
  launchPassThrough,
  startPortkeys,
  startUpstream,
  type Gateway,
  type Lifeboat,
  type Subject,
  type Upstream,
} from "./subjects.ts";
import type { Starting } from "./scenarios/process.ts";
import { answering, startDatabase, startWorkerd, type Bundle, type Database } from "./workerd.ts";

/** Everybody who is measured, running. */
export interface Bed {
  readonly upstream: Upstream;
  readonly passThrough: Subject;
  readonly lifeboat: Lifeboat;
  /** Lifeboat at an older commit; null when none was named. */
  readonly before: Lifeboat | null;
  readonly peers: readonly Gateway[];
  /** Why there are no peers; null when there are. */
  readonly noPeers: string | null;
  /** Lifeboats with other configs, by what is different about them. */
  readonly sized: readonly Lifeboat[];
  readonly starting: readonly Starting[];
  close(): Promise<void>;
}

export interface BedOptions {
  readonly home: string;
  readonly peers: boolean;
  /** A commit to measure beside the working tree. */
  readonly against: string | null;
}

export async function prepareBed({ home, peers: wanted, against }: BedOptions): Promise<Bed> {
  const upstream = await startUpstream();
  const config = lifeboatConfig(upstream);
  const bundle = bundleLifeboat(join(home, "source"), config);
  const passing = bundleWorker(home, "pass-through");
  const passThrough = await launchPassThrough(passing, upstream, join(home, "pass-through-run"));
  await answering(passThrough);
  const lifeboat = await startLifeboat("Lifeboat", bundle, join(home, "run"));
  let before: Lifeboat | null = null;
  if (against !== null) {
    const older = bundleCommit(join(home, "before"), against, config);
    before = await startLifeboat(`Lifeboat at ${against}`, older, join(home, "before-run"));
  }
  const { peers, noPeers } = await startPeers(home, upstream, wanted);
  const database = await startDatabase(join(home, "d1-of-cold-starts"));
  const sized = await startSized(home, bundle, config);
  const all = [passThrough, lifeboat, ...(before === null ? [] : [before]), ...peers, ...sized];
  return {
    upstream,
    passThrough,
    lifeboat,
    before,
    peers,
    noPeers,
    sized,
    starting: startingOnes(home, { bundle, passing, upstream, database }),
    close: async () => {
      await database.stop();
      await Promise.all(all.map((subject) => subject.stop()));
      upstream.stop();
    },
  };
}

async function startPeers(
  home: string,
  upstream: Upstream,
  wanted: boolean,
): Promise<{ peers: readonly Gateway[]; noPeers: string | null }> {
  if (!wanted) return { peers: [], noPeers: "not asked for" };
  try {
    return { peers: await startPortkeys(home, upstream), noPeers: null };
  } catch (error) {
    return { peers: [], noPeers: error instanceof Error ? error.message : String(error) };
  }
}

type Config = ReturnType<typeof lifeboatConfig>;

async function startSized(home: string, bundle: Bundle, config: Config): Promise<Lifeboat[]> {
  const sized: Lifeboat[] = [];
  for (const [name, changed] of Object.entries(sizedConfigs(config))) {
    const lifeboat = await startLifeboat(name, bundle, join(home, `sized-${sized.length}`));
    await lifeboat.putConfig(changed);
    sized.push(lifeboat);
  }
  return sized;
}

const measuredRoute = "answer-1k";

function sizedConfigs({ providers }: Config): Readonly<Record<string, object>> {
  const first = [`${measuredRoute}/bench`];
  const withRoutes = (count: number): object => {
    const others = Array.from({ length: count - 1 }, (_, n) => [`route-${n}`, first]);
    return { providers, routes: { ...Object.fromEntries(others), [measuredRoute]: first } };
  };
  const ten = Array.from({ length: 10 }, (_, n) => `${measuredRoute}/bench-${n}`);
  return {
    "1 route of 1 candidate": withRoutes(1),
    "100 routes": withRoutes(100),
    "1,000 routes": withRoutes(1_000),
    "10 candidates": { providers, routes: { [measuredRoute]: ten } },
  };
}

export interface StartingParts {
  readonly bundle: Bundle;
  readonly passing: Bundle;
  readonly upstream: Upstream;
  /** Running all the time: the real one does not start with the Worker. */
  readonly database: Database;
}

/** Who is started anew, again and again. */
export function startingOnes(
  home: string,
  { bundle, passing, upstream, database }: StartingParts,
): Starting[] {
  const empty = bundleWorker(home, "empty");
  return [
    {
      name: "empty Worker",
      start: async (folder) => {
        const worker = await startWorkerd({
          bundle: empty,
          vars: {},
          database: null,
          home: folder,
        });
        return { ask: { url: worker.url, headers: {}, body: "{}" }, stop: () => worker.stop() };
      },
    },
    {
      name: "pass-through",
      start: async (folder) => {
        const subject = await launchPassThrough(passing, upstream, folder);
        return { ask: subject.ask("answer-1k"), stop: () => subject.stop() };
      },
    },
    {
      name: "Lifeboat",
      start: async (folder) => {
        const subject = await launchLifeboat("Lifeboat", { bundle, database, home: folder });
        return { ask: subject.ask("answer-1k"), stop: () => subject.stop() };
      },
    },
  ];
}
