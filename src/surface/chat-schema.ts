import { z } from "zod";

/**
 * OpenAI's chat dialect, as apps speak it to Lifeboat.
 * Only what routing and translation rest on is checked; the rest is for the provider to judge.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.looseObject({ url: z.string() }).optional(),
});

/** Functions, and what else there may be: custom tools have no `function`. */
const toolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

const tool = z.looseObject({
  type: z.string(),
  function: z.looseObject({ name: z.string(), parameters: z.looseObject({}).nullish() }).optional(),
});

const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part), z.null()]).optional(),
  name: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().nullish(),
});

/** Longer names would fill headers, logs and the isolate's memory. */
export const longestModelName = 256;
const modelName = z.string().min(1).max(longestModelName);
const mostInChain = 32;

export const chatSchema = z.looseObject({
  model: modelName,
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({}).nullish() })
    .nullish(),
  max_tokens: z.int().nullish(),
  max_completion_tokens: z.int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  seed: z.number().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  models: z.array(modelName).min(1).max(mostInChain).nullish(),
  fallbacks: z.array(modelName).max(mostInChain).nullish(),
});
