/**
 * The name that a server lists a model under, in lower case. A model may be asked for with its
 * registry, its tag or neither, and the case of letters does not count.
 * Source: https://github.com/ollama/ollama/blob/v0.17.4/types/model/name.go
 */
export function modelName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/^registry\.ollama\.ai\//, "")
    .replace(/^library\//, "")
    .replace(/:latest$/, "");
}
