import { z } from "zod";

/** What a config may say of an Ollama under `options`. */
const schema = z.strictObject({
  /** How long a model stays loaded after its last request: "30m", seconds, -1 for ever. */
  keepAlive: z.union([z.string().min(1), z.number()]).exactOptional(),
  /** The most that `num_ctx` is set to: what the machine's memory holds. */
  maxContext: z.int().min(2_048).exactOptional(),
  /** Whether models that can think do so where the request does not say. */
  think: z.boolean().exactOptional(),
});

export type OllamaOptions = z.output<typeof schema>;

/** What is wrong with options; null when nothing is. */
export function checkOptions(options: unknown): string | null {
  const [issue] = schema.safeParse(options).error?.issues ?? [];
  return issue === undefined ? null : `${issue.path.join(".")} ${issue.message}`.trim();
}

/** Options that were checked when the config was. */
export function readOptions(options: unknown): OllamaOptions {
  return schema.safeParse(options ?? {}).data ?? {};
}
