import { describe, expect, it } from "vitest";
import { defaultFitting } from "../../src/config/defaults.ts";
import { unknownFacts } from "../../src/config/models.ts";
import type { ChatRequest } from "../../src/contract/chat.ts";
import type { Candidate, Fitting, ModelFacts, Route } from "../../src/contract/route.ts";
import { LazyEstimate } from "../../src/plan/estimate.ts";
import { misfitOf } from "../../src/plan/fits.ts";
import { needsOf } from "../../src/plan/needs.ts";
import type { HealthSnapshot } from "../../src/plan/plan-request.ts";
import { aPlan, told } from "./a-plan.ts";
import { aCandidate, aPrice } from "./a-candidate.ts";

const tool = { type: "function", function: { name: "f" } };
const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
const schema = { type: "json_schema", json_schema: { name: "s", schema: { type: "object" } } };

function asking(more: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "m", messages: [{ role: "user", content: "hi" }], ...more };
}

function misfit(
  facts: Partial<ModelFacts>,
  request: ChatRequest,
  {
    fitting = {},
    ratio = 1,
    learnt = false,
  }: { fitting?: Partial<Fitting>; ratio?: number; learnt?: boolean } = {},
) {
  const asked = {
    needs: needsOf(request),
    estimate: new LazyEstimate(request),
    fitting: { ...defaultFitting, ...fitting },
    ratio,
    learnt,
  };
  return misfitOf({ ...unknownFacts, ...facts }, asked);
}

const pictured = asking({ messages: [{ role: "user", content: [image] }] });
const recorded = asking({ messages: [{ role: "user", content: [{ type: "input_audio" }] }] });

describe("a request that a model is known not to take", () => {
  it.each<[string, Partial<ModelFacts>, ChatRequest, string]>([
    ["tools", { tools: false }, asking({ tools: [tool] }), "lacks_tools"],
    ["functions", { tools: false }, asking({ functions: [{ name: "f" }] }), "lacks_tools"],
    ["images", { images: false }, pictured, "lacks_images"],
    ["audio", { audio: false }, recorded, "lacks_audio"],
    [
      "a schema",
      { jsonSchema: false, jsonMode: false },
      asking({ response_format: schema }),
      "lacks_json_schema",
    ],
    ["a small window", { contextWindow: 100 }, asking({ max_tokens: 200 }), "context_too_small"],
    [
      "a small limit",
      { maxRequestTokens: 100 },
      asking({ max_tokens: 200 }),
      "request_limit_too_small",
    ],
  ])("for %s is not put to it", (_name, facts, request, reason) => {
    expect(misfit(facts, request)?.reason).toBe(reason);
    expect(misfit({}, request)).toBeNull();
  });

  it("names all that is missing", () => {
    const request = { ...pictured, tools: [tool], max_tokens: 500 };
    const facts = { tools: false, images: false, contextWindow: 400 };
    expect(misfit(facts, request)?.lacks).toEqual([
      "tools",
      "images",
      expect.stringMatching(/^a context of \d+ tokens \(it has 400\)$/),
    ]);
  });

  it("may use tools that it is told not to call", () => {
    expect(misfit({ tools: false }, asking({ tools: [tool], tool_choice: "none" }))).toBeNull();
  });
});

describe("a window", () => {
  const long = asking({ messages: [{ role: "user", content: "word ".repeat(1_000) }] });

  it("counts the model's own most for the answer where the app asks for more", () => {
    const request = asking({ max_tokens: 100_000 });
    expect(misfit({ contextWindow: 8_000, maxOutput: 4_000 }, request)).toBeNull();
  });

  it("is held against an estimate that real usage has corrected", () => {
    expect(misfit({ contextWindow: 1_500 }, long)).toBeNull();
    expect(misfit({ contextWindow: 1_500 }, long, { ratio: 2, learnt: true })).toMatchObject({
      reason: "context_too_small",
    });
  });

  it("is given the benefit of the doubt while nothing has corrected the estimate", () => {
    const { input } = new LazyEstimate(long).tokens;
    expect(misfit({ contextWindow: input - 50 }, long)).toBeNull();
    expect(misfit({ contextWindow: input - 50 }, long, { learnt: true })).not.toBeNull();
  });
});

describe("a price over what the route allows", () => {
  const fitting = { maxPricePerRequest: 0.001 };

  it("is passed over; an unknown one is not", () => {
    const request = asking({ max_tokens: 1_000 });
    expect(misfit({ price: aPrice(1, 5) }, request, { fitting })?.reason).toBe("price_too_high");
    expect(misfit({ price: aPrice(0.1, 0.5) }, request, { fitting })).toBeNull();
    expect(misfit({}, request, { fitting })).toBeNull();
  });
});

describe("a plan", () => {
  const plan = (
    candidates: readonly Candidate[],
    request: ChatRequest,
    route: Partial<Route> = {},
    known: Partial<HealthSnapshot> = {},
  ) => told(aPlan(candidates, request, { route, known }));
  const textOnly = aCandidate("text/m", { facts: { images: false } });
  const seeing = aCandidate("seeing/m", { facts: { images: true } });

  it("passes over what cannot see a picture", () => {
    expect(plan([textOnly, seeing], pictured)).toEqual(["text/m: lacks_images", "seeing/m: try"]);
  });

  it("tries it without the picture behind all others, where the route lets it", () => {
    const fitting = { ...defaultFitting, allowDegrade: true };
    expect(plan([textOnly, seeing], pictured, { fitting })).toEqual([
      "text/m: lacks_images",
      "seeing/m: try",
      "text/m: try",
    ]);
  });

  it("asks last whoever did not answer lately: by then it may be there, and nobody else is", () => {
    const gone = (provider: string) =>
      provider === "gone" ? { reason: "nothing answers", until: 10 } : null;
    const candidates = [aCandidate("gone/m"), aCandidate("there/m")];
    expect(plan(candidates, asking(), {}, { unreachable: gone })).toEqual([
      "gone/m: unreachable",
      "there/m: try",
      "gone/m: try",
    ]);
  });

  it("keeps lesser candidates behind, whatever the order", () => {
    const dear = aCandidate("dear/m", { facts: { price: aPrice(10, 10) } });
    const cheap = aCandidate("cheap/m", { facts: { price: aPrice(1, 1) } });
    const lesser = aCandidate("lesser/m", { lesser: true, facts: { price: aPrice(0.1, 0.1) } });
    expect(plan([dear, cheap, lesser], asking(), { order: "cheapest" })).toEqual([
      "cheap/m: try",
      "dear/m: try",
      "lesser/m: try",
    ]);
  });
});
