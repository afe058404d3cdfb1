/** `GET /v1/models`: what an app may write into `model`. */
export function listModels(names: readonly string[]): object {
  return { object: "list", data: names.map(describeModel) };
}

/** One model in OpenAI's shape; when it was made nobody knows, so `created` is 0. */
export function describeModel(name: string): object {
  return { id: name, object: "model", created: 0, owned_by: "lifeboat" };
}
