import type { ProviderKind } from "../../src/contract/provider.ts";
import { isErrorDocument } from "../shared/error-in-success.ts";
import { openAccount } from "./account.ts";
import { chat } from "./chat.ts";
import { check } from "./check.ts";
import { describe } from "./describe.ts";
import { checkOptions } from "./options.ts";
import { warm } from "./warm.ts";

/**
 * Ollama through its own API, and not its OpenAI-compatible one: only there can the context's size
 * be set, without which a long prompt silently loses its start.
 * Source: https://docs.ollama.com/api/openai-compatibility ("Setting the context size")
 */
export const ollama: ProviderKind = {
  kind: "ollama",
  baseUrl: "http://localhost:11434",
  apiKeyEnv: null,
  local: true,
  checkOptions,
  connect(settings) {
    const account = openAccount(settings);
    return {
      // An assistant message that stands last is left open: https://github.com/ollama/ollama/issues/6778
      continuesPrefix: true,
      describe: (model) => describe(model, account),
      warm: (model, probe) => warm(account, model, probe),
      call: (call) => chat(account, call),
      classify: (sighting) => account.classify(sighting),
      saysError: isErrorDocument,
      check: (probe) => check(account, probe),
    };
  },
};
