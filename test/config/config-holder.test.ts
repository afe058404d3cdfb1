import { describe, expect, it } from "vitest";
import { bundledMark, ConfigHolder } from "../../src/config/config-holder.ts";
import { compileConfig, type Compiled } from "../../src/config/compile.ts";
import { providerKinds } from "../../providers/index.ts";

const config = (route: string) => ({
  providers: { up: { kind: "openai-compatible", baseUrl: "http://localhost/v1" } },
  routes: { [route]: ["up/m"] },
});

function compile(raw: unknown): Compiled {
  return compileConfig(raw, {
    kinds: providerKinds,
    bindings: {},
    local: true,
    checkSimulator: () => null,
  });
}

function newHolder() {
  const bundled = compile(config("bundled"));
  if (!bundled.ok) throw new Error("the bundled config is wrong");
  const refused: number[] = [];
  const holder = new ConfigHolder({
    bundled: bundled.config,
    compile,
    onRefused: (version) => refused.push(version),
    onChange: () => undefined,
  });
  const routes = () => [...holder.active.routeNames];
  return { holder, refused, routes };
}

describe("the config that an isolate serves by", () => {
  it("is the newest that it was given, whatever comes late", () => {
    const { holder, routes } = newHolder();
    holder.adopt(1, JSON.stringify(config("one")));
    holder.adopt(2, JSON.stringify(config("two")));
    // Answers that were on their way before the second version was stored.
    holder.adopt(1, null);
    holder.adopt(1, JSON.stringify(config("one")));
    expect(routes()).toEqual(["two"]);
    expect(holder.version).toBe(2);
  });

  it("is the bundled one again from the version that says so", () => {
    const { holder, routes } = newHolder();
    holder.adopt(1, JSON.stringify(config("one")));
    holder.adopt(2, JSON.stringify(bundledMark));
    expect(routes()).toEqual(["bundled"]);
    expect(holder.version).toBe(2);
  });

  it("stays when a newer one cannot be read, and that one is not tried again", () => {
    const { holder, routes, refused } = newHolder();
    holder.adopt(1, JSON.stringify(config("one")));
    holder.adopt(2, '{"from": "another build"}');
    holder.adopt(2, '{"from": "another build"}');
    expect(routes()).toEqual(["one"]);
    expect(refused).toEqual([2]);
  });
});
