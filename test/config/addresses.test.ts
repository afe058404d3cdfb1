import bundled from "../../lifeboat.config.ts";
import { describe, expect, it } from "vitest";
import { providerKinds } from "../../providers/index.ts";
import { isOwnMachine, unreachableAddress } from "../../src/config/addresses.ts";
import { compileConfig } from "../../src/config/compile.ts";

function compile(provider: object, { privateAddresses = false, bindings = {} } = {}) {
  const raw = { providers: { p: provider }, routes: { r: ["p/m"] } };
  const local = privateAddresses;
  const checkSimulator = () => null;
  return compileConfig(raw, {
    kinds: providerKinds,
    bindings,
    local,
    privateAddresses,
    checkSimulator,
  });
}

describe("a Worker that is asked", () => {
  it.each([
    ["http://localhost:8787/v1", true],
    ["http://127.0.0.1:9000/", true],
    ["http://[::1]:9000/", true],
    ["https://lifeboat.example.workers.dev/v1", false],
    ["https://localhost.example.com/", false],
    ["https://127.0.0.1.nip.io/", false],
    ["no url", false],
  ])("at %s runs on one's own machine: %s", (url, own) => {
    expect(isOwnMachine(url)).toBe(own);
  });
});

describe("an address that a deployed Worker cannot be sent to", () => {
  it.each([
    "http://localhost:11434",
    "http://ollama:11434",
    "http://127.0.0.1:11434",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://192.168.1.20:11434",
    "http://203.0.113.7/v1",
    "http://[::1]:11434",
    "https://ollama.internal/",
    "https://machine.local",
    "https://LOCALHOST./v1",
  ])("%s", (baseUrl) => {
    expect(unreachableAddress(baseUrl)).not.toBeNull();
    const compiled = compile({ kind: "ollama", baseUrl });
    expect(compiled).toMatchObject({ ok: false, issues: [{ path: "providers.p.baseUrl" }] });
    expect(compile({ kind: "ollama", baseUrl }, { privateAddresses: true }).ok).toBe(true);
  });

  it("is told apart: an address by number needs a name, a private name a tunnel", () => {
    expect(unreachableAddress("http://[2606:4700::1111]/")).toContain("IP address");
    expect(unreachableAddress("http://203.0.113.7/")).toContain("IP address");
    expect(unreachableAddress("http://ollama/")).toContain("private address");
  });

  it.each(["https://ollama.example.com", "https://api.openai.com/v1", "https://1.example.com"])(
    "is not %s",
    (baseUrl) => {
      expect(unreachableAddress(baseUrl)).toBeNull();
      expect(compile({ kind: "ollama", baseUrl }).ok).toBe(true);
    },
  );

  it("leaves a kind that lives there by default unused, with the reason", () => {
    const compiled = compile({ kind: "ollama" });
    if (!compiled.ok) throw new Error("refused");
    expect(compiled.config.accounts.get("p")).toMatchObject({
      provider: null,
      missing: "public baseUrl for p",
    });
  });
});

describe("the config in the repository", () => {
  it("can be deployed as it is; what lives on a machine of one's own is passed over there", () => {
    const context = { bindings: {}, local: false, checkSimulator: () => null };
    const deployed = { ...context, kinds: providerKinds, privateAddresses: false };
    const compiled = compileConfig(bundled, deployed);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
    expect(compiled.config.accounts.get("ollama")?.provider).toBeNull();
    const here = compileConfig(bundled, { ...deployed, local: true, privateAddresses: true });
    if (!here.ok) throw new Error(JSON.stringify(here.issues));
    expect(here.config.accounts.get("ollama")?.provider).not.toBeNull();
  });
});

describe("a transport", () => {
  it("reaches a private address through a binding", async () => {
    const urls: string[] = [];
    const vpc = {
      fetch: async (url: string) => {
        urls.push(url);
        return Response.json({ models: [] });
      },
    };
    const provider = { kind: "ollama", baseUrl: "http://10.0.0.5:11434", transport: "binding:VPC" };
    const compiled = compile(provider, { bindings: { VPC: vpc } });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
    const account = compiled.config.accounts.get("p");
    const fetch = () => Promise.reject(new Error("not by the internet"));
    const signal = new AbortController().signal;
    const readiness = await account?.provider?.check({ fetch, signal, models: [] });
    expect(readiness).toMatchObject({ ready: true });
    expect(urls).toContain("http://10.0.0.5:11434/api/tags");
  });

  it("is the way of a listing too", async () => {
    const urls: string[] = [];
    const vpc = {
      fetch: async (url: string) => {
        urls.push(url);
        return Response.json({ data: [{ id: "m", context_length: 4_096 }] });
      },
    };
    const provider = { kind: "groq", baseUrl: "http://10.0.0.5/v1", transport: "binding:VPC" };
    const compiled = compile(provider, { bindings: { VPC: vpc } });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
    const listing = compiled.config.accounts.get("p")?.provider?.listing;
    const fetch = () => Promise.reject(new Error("not by the internet"));
    const signal = new AbortController().signal;
    const told = await listing?.read({ fetch, signal, models: ["m"] });
    expect(told?.get("m")).toMatchObject({ contextWindow: 4_096 });
    expect(urls).toEqual(["http://10.0.0.5/v1/models"]);
  });

  it("that is not bound is named", () => {
    const compiled = compile({ kind: "ollama", transport: "binding:NOPE" });
    if (!compiled.ok) throw new Error("refused");
    expect(compiled.config.accounts.get("p")).toMatchObject({ missing: "binding NOPE" });
  });

  it("that is Workers AI's own binding needs neither key nor address", () => {
    const ai = { run: async () => Response.json({}) };
    const provider = { kind: "workers-ai", transport: "binding:AI" };
    const compiled = compile(provider, { bindings: { AI: ai } });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
    expect(compiled.config.accounts.get("p")).toMatchObject({ missing: null });
  });
});

describe("a kind's options", () => {
  it("are checked by the kind", () => {
    const wrong = compile({ kind: "ollama", options: { keepalive: "5m" } });
    expect(wrong).toMatchObject({ ok: false, issues: [{ path: "providers.p.options" }] });
    expect(compile({ kind: "ollama", options: { keepAlive: "5m" } }).ok).toBe(true);
    expect(compile({ kind: "openai", options: {} })).toMatchObject({ ok: false });
  });
});
