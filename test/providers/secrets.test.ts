import { describe, expect, it } from "vitest";
import { providerKinds } from "../../providers/index.ts";
import type { ProviderSettings } from "../../src/contract/provider.ts";
import { readHeaders } from "../../src/config/secrets.ts";

const key = "0123456789abcdef0123456789abcdef";
const inHeader = "pa/ss+word\"of'the<proxy>";
const { headers, headerSecrets } = readHeaders(
  { "x-proxy-key": "Bearer env.PROXY" },
  { PROXY: inHeader },
);
const settings: ProviderSettings = {
  name: "up",
  baseUrl: "http://someone:urlpassword@localhost:1",
  apiKey: key,
  headers,
  headerSecrets,
};

const dotNet = JSON.stringify(inHeader).replace(/[+<>']/g, (char) => {
  return `\\u00${char.charCodeAt(0).toString(16).toUpperCase()}`;
});
const echoes = [
  ["a message", { error: { message: `Incorrect key: ${key}` } }],
  ["a header's value", { error: { message: `bad ${inHeader} given, urlpassword` } }],
  ["a code and a type", { error: { message: "no", code: key, type: inHeader } }],
  ["beyond the cut", { error: { message: "x".repeat(485) + key } }],
] as const;

describe.each(["openai-compatible", "ollama", "workers-ai", "gemini"])("%s", (name) => {
  const connected = providerKinds.get(name)?.connect(settings);
  if (connected === undefined) throw new Error(`there is no kind ${name}`);
  const now = 0;

  function expectNoSecret(value: unknown): void {
    const kept = JSON.stringify(value);
    // Not even a part of one that a cut has left.
    for (const secret of [key.slice(0, 10), "urlpassword", "the<proxy", "003Cproxy", "003cproxy"]) {
      expect(kept).not.toContain(secret);
    }
    expect(kept).toContain("[redacted]");
  }

  it.each(echoes)("keeps no secret of its account that is repeated in %s", (_where, body) => {
    for (const status of [400, 401, 500]) {
      const text = JSON.stringify(body);
      const answer = { status, headers: new Headers(), now };
      expectNoSecret(connected.classify({ site: "http", ...answer, body: text }));
      expectNoSecret(connected.classify({ site: "stream", ...answer, data: text }));
    }
  });

  it("nor in a body that is passed on, however its JSON writes it", () => {
    const answer = { site: "http", status: 400, headers: new Headers(), now } as const;
    for (const written of [
      `"${key}"`,
      dotNet,
      dotNet.replace(/\\u00../g, (code) => code.toLowerCase()),
    ]) {
      const body = `{"error":{"message":"unknown field","input":${written}}}`;
      const failure = connected.classify({ ...answer, body });
      expect(failure.body).toContain("unknown field");
      expectNoSecret(failure);
    }
  });

  it("nor in a connection's error", () => {
    const error = Object.assign(new Error(`refused with ${key}`), { code: key });
    expectNoSecret(connected.classify({ site: "network", error, now }));
  });

  it("and leaves other words alone", () => {
    const body = JSON.stringify({ error: { message: "Unknown parameter: num_ctx" } });
    const told = { site: "http", status: 400, headers: new Headers(), body, now } as const;
    const failure = connected.classify(told);
    expect(failure).toMatchObject({ message: "Unknown parameter: num_ctx", body });
  });
});
