import type { ProviderKind } from "../src/contract/provider.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** No such host exists: what is sent there is answered in the process, or not at all. */
const host = "http://simulator.invalid/";

const wire = openAiCompatible({
  kind: "simulator",
  baseUrl: host,
  apiKeyEnv: null,
  failures: { rules: [] },
});

/**
 * An account that exists only in this process and behaves as one of OpenAI's: it is called over the
 * same wire, under its own name, wherever `baseUrl` points.
 */
export const simulator: ProviderKind = {
  ...wire,
  connect(settings) {
    const account = wire.connect({ ...settings, baseUrl: `${host}${settings.name}/v1` });
    return { ...account, check: () => Promise.resolve({ ready: true, models: null }) };
  },
};
