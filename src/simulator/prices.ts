/** US dollars per million tokens. */
interface Price {
  readonly input: number;
  readonly output: number;
}

/** List prices. Source: https://platform.openai.com/docs/pricing */
export const prices: Readonly<Record<string, Price>> = {
  "gpt-5": { input: 1.25, output: 10 },
  "gpt-5-mini": { input: 0.25, output: 2 },
  "gpt-5-nano": { input: 0.05, output: 0.4 },
  "gpt-4.1": { input: 2, output: 8 },
  "gpt-4.1-mini": { input: 0.4, output: 1.6 },
  "gpt-4.1-nano": { input: 0.1, output: 0.4 },
  "gpt-4o": { input: 2.5, output: 10 },
  "gpt-4o-mini": { input: 0.15, output: 0.6 },
  "gpt-3.5-turbo": { input: 0.5, output: 1.5 },
};

/** For every other name: gpt-4o-mini's. */
const usualPrice: Price = { input: 0.15, output: 0.6 };

/** What an answer costs at list price, US dollars. A dated snapshot costs what its model does. */
export function costUsd(
  model: string,
  usage: { readonly prompt_tokens: number; readonly completion_tokens: number },
): number {
  const name = model.slice(model.lastIndexOf("/") + 1).replace(/-\d{4}-\d{2}-\d{2}$/, "");
  const price = Object.hasOwn(prices, name) ? prices[name] : undefined;
  const { input, output } = price ?? usualPrice;
  return (usage.prompt_tokens * input + usage.completion_tokens * output) / 1_000_000;
}
