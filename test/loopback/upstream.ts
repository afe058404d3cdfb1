import type { Behaviour, Call, Listed } from "./behaviour.ts";

/** One misbehaving upstream, steered over HTTP: the same from Node and from inside workerd. */
export class Upstream {
  readonly #control: string;
  /** The base URL to configure. */
  readonly baseUrl: string;

  constructor(server: string, name: string) {
    this.#control = `${server}/${name}`;
    this.baseUrl = `${this.#control}/v1`;
  }

  /** Does each of `next` once, then `always`. Forgets the calls so far, unless told to keep them. */
  async script(
    always: Behaviour,
    next: readonly Behaviour[] = [],
    { keepCalls = false }: { keepCalls?: boolean } = {},
  ): Promise<void> {
    await fetch(`${this.#control}/script`, {
      method: "PUT",
      body: JSON.stringify({ always, next, keepCalls }),
    });
  }

  /** Says this of its models from now on. Forgets how often it was asked. */
  async list(listed: Listed): Promise<void> {
    await fetch(`${this.#control}/listed`, { method: "PUT", body: JSON.stringify(listed) });
  }

  /** How often its models were asked for. */
  async listings(): Promise<number> {
    return (await fetch(`${this.#control}/listed`)).json();
  }

  async calls(): Promise<readonly Call[]> {
    return (await fetch(`${this.#control}/calls`)).json();
  }
}

export const openAiQuota: Behaviour = {
  do: "error",
  status: 429,
  body: {
    error: {
      message:
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    },
  },
};

export function rateLimited(seconds: number): Behaviour {
  return {
    do: "error",
    status: 429,
    headers: { "retry-after": String(seconds) },
    body: {
      error: {
        message: "Rate limit reached for requests",
        type: "requests",
        param: null,
        code: "rate_limit_exceeded",
      },
    },
  };
}
