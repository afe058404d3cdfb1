import { describe, expect, it } from "vitest";
import type { Skip } from "../../src/contract/decision.ts";
import { nothingFits } from "../../src/surface/nothing-fits.ts";

function skipped(candidate: string, reason: Skip["reason"], lacks?: readonly string[]): Skip {
  return { candidate, reason, until: null, detail: null, ...(lacks !== undefined && { lacks }) };
}

describe("a request that no candidate can take", () => {
  it("is told what each lacks, and which is closest", () => {
    const told = nothingFits({
      attempts: [],
      skipped: [
        skipped("a/m", "lacks_tools", ["tools", "images"]),
        skipped("b/m", "lacks_images", ["images"]),
        skipped("c/m", "not_configured"),
      ],
    });
    expect(told).toMatchObject({ status: 400, code: "no_candidate_fits", worthRetrying: false });
    expect(told?.message).toBe(
      "No candidate of this route can take the request. b/m is closest: it lacks images. a/m lacks tools and images.",
    );
  });

  it("is too long when that is all that stands in the way", () => {
    const lacks = ["a context of 9000 tokens (it has 4096)"];
    const told = nothingFits({
      attempts: [],
      skipped: [skipped("a/m", "context_too_small", lacks)],
    });
    expect(told?.code).toBe("context_length_exceeded");
  });

  it("is another matter where a candidate is merely out of service", () => {
    const both = [skipped("a/m", "lacks_tools", ["tools"]), skipped("b/m", "circuit_open")];
    expect(nothingFits({ attempts: [], skipped: both })).toBeNull();
    expect(nothingFits({ attempts: [], skipped: [] })).toBeNull();
  });
});
