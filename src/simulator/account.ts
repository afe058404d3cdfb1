import { emptyBucket, levelAt, msToDrain, waitFor, type Bucket } from "./leaky-bucket.ts";
import { costUsd } from "./prices.ts";
import { scenarioOf, type Scenario } from "./scenario.ts";
import type { SimulatorSettings } from "./settings.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The limits that an account can have, as OpenAI names them in its messages. */
const dimensions = [
  {
    setting: "requestsPerMinute",
    unit: "requests",
    windowMs: minuteMs,
    label: "requests per min (RPM)",
  },
  {
    setting: "requestsPerDay",
    unit: "requests",
    windowMs: dayMs,
    label: "requests per day (RPD)",
  },
  { setting: "tokensPerMinute", unit: "tokens", windowMs: minuteMs, label: "tokens per min (TPM)" },
  { setting: "tokensPerDay", unit: "tokens", windowMs: dayMs, label: "tokens per day (TPD)" },
] as const;

type Setting = (typeof dimensions)[number]["setting"];
type LimitUnit = (typeof dimensions)[number]["unit"];

interface Dimension {
  readonly setting: Setting;
  readonly unit: LimitUnit;
  readonly windowMs: number;
  readonly label: string;
  readonly limit: number;
}

/** Why an account refuses a request. */
export type AccountRefusal =
  | { readonly reason: "credit" }
  | { readonly reason: "too_large"; readonly label: string; limit: number; requested: number }
  | {
      readonly reason: "limit";
      readonly unit: LimitUnit;
      readonly label: string;
      readonly limit: number;
      readonly used: number;
      readonly requested: number;
      readonly waitMs: number;
    };

/** One limit as response headers show it. */
interface LimitView {
  readonly limit: number;
  readonly remaining: number;
  /** Until the allowance is whole again. */
  readonly resetMs: number;
}

export type LimitViews = Readonly<Partial<Record<LimitUnit, LimitView>>>;

/**
 * One simulated account: what it has used and spent, in plain memory. Nothing runs between requests;
 * how much has drained away is computed from the clock when a request asks.
 */
export class SimulatedAccount {
  readonly name: string;
  settings: SimulatorSettings;
  readonly #buckets = new Map<Setting, Bucket>();
  #spentUsd = 0;
  #chats = 0;

  constructor(name: string, settings: SimulatorSettings) {
    this.name = name;
    this.settings = settings;
  }

  /** The organization that headers and messages speak of; the same for every isolate. */
  get organization(): string {
    return `org-simulated-${this.name}`;
  }

  /** Counts a chat request and says how it is to be met. */
  nextScenario(model: string): Scenario {
    this.#chats += 1;
    return scenarioOf(model, { ...this.settings, nth: this.#chats });
  }

  /** Takes a request and its tokens from every limit, or from none of them and says why. */
  admit(tokens: number, now: number): AccountRefusal | null {
    const { creditUsd } = this.settings;
    if (creditUsd !== null && this.#spentUsd >= creditUsd) return { reason: "credit" };
    const asked = this.#limits().map((dimension) => {
      const requested = dimension.unit === "requests" ? 1 : tokens;
      const level = this.#level(dimension, now);
      return { dimension, requested, level, waitMs: waitFor(level, requested, dimension) };
    });
    const tooLarge = asked.find(({ dimension, requested }) => requested > dimension.limit);
    if (tooLarge !== undefined) {
      const { label, limit } = tooLarge.dimension;
      return { reason: "too_large", label, limit, requested: tooLarge.requested };
    }
    const longest = asked.reduce((a, b) => (b.waitMs > a.waitMs ? b : a), noWait);
    if (longest.dimension !== null) {
      const { unit, label, limit } = longest.dimension;
      const { requested, waitMs } = longest;
      const used = Math.min(limit, Math.ceil(longest.level - 1e-6));
      return { reason: "limit", unit, label, limit, used, requested, waitMs };
    }
    for (const { dimension, requested, level } of asked) {
      this.#buckets.set(dimension.setting, { level: level + requested, at: now });
    }
    return null;
  }

  /** Books an answer at list price; the last answer may cost more than there was. */
  charge(model: string, usage: Parameters<typeof costUsd>[1]): void {
    this.#spentUsd += costUsd(model, usage);
  }

  /**
   * What the `x-ratelimit-*` headers show: one limit per unit. OpenAI shows the one that refills
   * slowest: the day's where there is one, unless the minute's has just refused.
   */
  limits(now: number, refused: AccountRefusal | null): LimitViews {
    const views: Partial<Record<LimitUnit, LimitView>> = {};
    const slowestFirst = this.#limits().sort((a, b) => msToDrain(1, b) - msToDrain(1, a));
    const label = refused === null || refused.reason === "credit" ? null : refused.label;
    const shown = slowestFirst.sort(
      (a, b) => Number(b.label === label) - Number(a.label === label),
    );
    for (const dimension of shown) {
      const level = this.#level(dimension, now);
      views[dimension.unit] ??= {
        limit: dimension.limit,
        remaining: Math.max(0, Math.floor(dimension.limit - level + 1e-6)),
        resetMs: msToDrain(level, dimension),
      };
    }
    return views;
  }

  #limits(): Dimension[] {
    return dimensions.flatMap((dimension) => {
      const limit = this.settings[dimension.setting];
      return limit === null ? [] : [{ ...dimension, limit }];
    });
  }

  #level(dimension: Dimension, now: number): number {
    return levelAt(this.#buckets.get(dimension.setting) ?? emptyBucket, dimension, now);
  }
}

const noWait: { dimension: Dimension | null; requested: number; level: number; waitMs: number } = {
  dimension: null,
  requested: 0,
  level: 0,
  waitMs: 0,
};
