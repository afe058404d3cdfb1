import type { Failure, Sighting } from "../../src/contract/failure.ts";
import type {
  Provider,
  ProviderAnswer,
  ProviderCall,
  ProviderKind,
  ProviderSettings,
} from "../../src/contract/provider.ts";
import type { ModelFacts } from "../../src/contract/route.ts";
import { lookUp } from "../catalogue/look-up.ts";
import { cancelledFailure, classifyFailure } from "./classify.ts";
import { checkModels } from "./check-models.ts";
import { isErrorDocument } from "./error-in-success.ts";
import type { FailureProfile } from "./failure-rule.ts";
import { listingOf } from "./account-listing.ts";
import type { ListingSpec } from "./listing.ts";
import { type LimitHeaders, readLimits } from "./limit-headers.ts";
import { commonLimits } from "./limit-tables.ts";
import { withoutAnswer } from "./network-failure.ts";
import { readCapped } from "./read-capped.ts";
import { concealerOf } from "./redact.ts";
import { noCharge } from "./no-charge.ts";
import { unsupportedFailure } from "./unsupported-failure.ts";
import { type RequestQuirks, upstreamBody } from "./upstream-body.ts";

/** All that sets one OpenAI-compatible provider apart, as data. */
export interface OpenAiCompatibleSpec {
  readonly kind: string;
  /** With the version path; null when it differs per account and the config must say it. */
  readonly baseUrl: string | null;
  readonly apiKeyEnv: string | null;
  readonly failures: FailureProfile;
  readonly requestQuirks?: RequestQuirks;
  readonly headers?: Readonly<Record<string, string>>;
  readonly local?: boolean;
  /** Whether its models go on from an assistant message that stands last; may depend on the address. */
  readonly continuesPrefix?: (baseUrl: string) => boolean;
  /** What the kind's documentation says of a model; goes before what the catalogue says. */
  readonly facts?: (model: string) => Partial<ModelFacts>;
  /** How it tells of its models in a listing; absent where that tells nothing. */
  readonly listing?: ListingSpec;
}

/** A provider kind that speaks OpenAI's chat dialect at `{baseUrl}/chat/completions`. */
export function openAiCompatible(spec: OpenAiCompatibleSpec): ProviderKind {
  return {
    kind: spec.kind,
    baseUrl: spec.baseUrl,
    apiKeyEnv: spec.apiKeyEnv,
    local: spec.local ?? false,
    connect: (settings) => connect(spec, settings),
  };
}

function connect(spec: OpenAiCompatibleSpec, settings: ProviderSettings): Provider {
  const url = `${settings.baseUrl.replace(/\/+$/, "")}/chat/completions`;
  const headers = upstreamHeaders(spec, settings);
  const limits = spec.failures.limits ?? commonLimits;
  // What is known of this kind's dialect goes before what the listing says of the model.
  const own = (model: string): Partial<ModelFacts> => ({
    ...(spec.local === true && { price: noCharge }),
    ...spec.facts?.(model),
  });
  const listing = listingOf(spec.listing, { settings, headers, own });
  const profile = { ...spec.failures, conceal: concealerOf(settings) };
  const classify = (sighting: Sighting): Failure => classifyFailure(profile, sighting);
  return {
    continuesPrefix: spec.continuesPrefix?.(settings.baseUrl) ?? false,
    describe: (model) => ({ ...lookUp(spec.kind, model), ...own(model) }),
    ...(listing !== null && { listing }),
    call: (call) => callChat({ spec, url, headers, limits, classify }, call),
    classify,
    saysError: isErrorDocument,
    async check(probe) {
      const all = { ...settings, headers: { ...spec.headers, ...settings.headers } };
      const checked = checkModels(all, probe, {
        http: (status, responseHeaders, body) =>
          classify({ site: "http", status, headers: responseHeaders, body, now: 0 }).class,
        network: (error) => classify({ site: "network", error, now: 0 }).class,
      });
      const [readiness, told] = await Promise.all([checked, listing?.read(probe) ?? null]);
      return readiness.ready && told !== null ? { ...readiness, told } : readiness;
    },
  };
}

/** An allow-list: nothing of the app's own headers travels upstream. */
function upstreamHeaders(
  spec: OpenAiCompatibleSpec,
  settings: ProviderSettings,
): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "user-agent": "lifeboat",
    ...(settings.apiKey !== null && { authorization: `Bearer ${settings.apiKey}` }),
    ...spec.headers,
    ...settings.headers,
  };
}

interface Line {
  readonly spec: OpenAiCompatibleSpec;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: LimitHeaders;
  classify(sighting: Sighting): Failure;
}

async function callChat(line: Line, call: ProviderCall): Promise<ProviderAnswer> {
  const body = upstreamBody(call.request, call, line.spec.requestQuirks ?? {});
  if (!body.ok) return { ok: false, failure: unsupportedFailure(body.reason), limits: null };
  let response: Response;
  try {
    response = await call.fetch(line.url, {
      method: "POST",
      headers: line.headers,
      body: body.json,
      signal: call.signal,
      // A followed redirect would carry the key to another host.
      redirect: "manual",
    });
  } catch (error) {
    return { ok: false, failure: withoutAnswer(brokenOff(line, call, error)), limits: null };
  }
  const limits = readLimits(line.limits, response.headers, call.clock.now());
  const contentType = response.headers.get("content-type") ?? "";
  if (!response.ok || isHtml(contentType)) {
    return { ok: false, failure: await readFailure(line, call, response), limits };
  }
  const { status, headers } = response;
  const { adapted } = body;
  // Some servers forget to say that a stream is one.
  const isStream = isEventStream(contentType) || (contentType === "" && call.stream);
  if (isStream && response.body !== null) {
    return {
      ok: true,
      status,
      headers,
      output: { form: "sse", body: response.body },
      limits,
      adapted,
    };
  }
  const output = { form: "json", read: () => response.text() } as const;
  return { ok: true, status, headers, output, limits, adapted };
}

async function readFailure(line: Line, call: ProviderCall, response: Response): Promise<Failure> {
  try {
    const body = await readCapped(response);
    const { status, headers, ok } = response;
    const site = ok ? "body" : "http";
    return line.classify({ site, status, headers, body, now: call.clock.now() });
  } catch (error) {
    return brokenOff(line, call, error);
  }
}

function brokenOff(line: Line, call: ProviderCall, error: unknown): Failure {
  if (call.signal.aborted) return cancelledFailure();
  return line.classify({ site: "network", error, now: call.clock.now() });
}

function isHtml(contentType: string): boolean {
  return contentType.startsWith("text/html") || contentType.startsWith("application/xhtml");
}

function isEventStream(contentType: string): boolean {
  return contentType.startsWith("text/event-stream");
}
