import type { z } from "zod";
import { invalidRequest, type OpenAiError } from "./openai-error.ts";

type Issue = z.core.$ZodIssue;

/** Says in OpenAI's words what is wrong with a request; `param` names the field. */
export function describeIssue(issue: Issue, body: unknown): OpenAiError {
  const inner = innermost(issue);
  if (inner !== null) return describeIssue(inner, body);
  const param = formatPath(issue.path);
  const value = valueAt(body, issue.path);
  if (param === "") return invalidRequest("Invalid body: expected an object.");
  if (value === undefined) {
    const message = `Missing required parameter: '${param}'.`;
    return invalidRequest(message, { param, code: "missing_required_parameter" });
  }
  const { message, code } = inWords(issue, param, value);
  return invalidRequest(message, { param, code });
}

/** A union's issue hides what is wrong inside the branch that was meant. */
function innermost(issue: Issue): Issue | null {
  if (issue.code !== "invalid_union") return null;
  const inner = issue.errors
    .flat()
    .find(({ path, code }) => path.length > 0 || code !== "invalid_type");
  return inner === undefined ? null : { ...inner, path: [...issue.path, ...inner.path] };
}

interface Wording {
  readonly message: string;
  readonly code: string;
}

function inWords(issue: Issue, param: string, value: unknown): Wording {
  if (issue.code === "invalid_value") {
    return { message: unsupportedValue(issue.values, value), code: "invalid_value" };
  }
  if (issue.code === "too_small") return tooSmall(param, value, Number(issue.minimum));
  if (issue.code === "too_big") return tooBig(param, value, Number(issue.maximum));
  const wanted = `expected ${expectedType(issue)}, but got ${typeName(value)} instead`;
  return { message: `Invalid type for '${param}': ${wanted}.`, code: "invalid_type" };
}

function unsupportedValue(values: readonly unknown[], value: unknown): string {
  const names = values.map((supported) => `'${String(supported)}'`);
  const list = `${names.slice(0, -1).join(", ")}, and ${names.at(-1) ?? ""}`;
  const got = typeof value === "string" ? `'${value}'` : JSON.stringify(value);
  return `Invalid value: ${got}. Supported values are: ${list}.`;
}

function tooSmall(param: string, value: unknown, least: number): Wording {
  if (typeof value === "number") {
    const kind = numberKind(value, least);
    const wanted = `Expected a value >= ${least}, but got ${value} instead`;
    const message = `Invalid '${param}': ${kind} below minimum value. ${wanted}.`;
    return { message, code: `${kind}_below_min_value` };
  }
  const kind = Array.isArray(value) ? "array" : "string";
  const article = kind === "array" ? "an" : "a";
  const wanted = `Expected ${article} ${kind} with minimum length ${least}`;
  const message = `Invalid '${param}': empty ${kind}. ${wanted}, but got an empty ${kind} instead.`;
  return { message, code: `empty_${kind}` };
}

function tooBig(param: string, value: unknown, most: number): Wording {
  if (typeof value === "number") {
    const kind = numberKind(value, most);
    const wanted = `Expected a value <= ${most}, but got ${value} instead`;
    const message = `Invalid '${param}': ${kind} above maximum value. ${wanted}.`;
    return { message, code: `${kind}_above_max_value` };
  }
  const length = Array.isArray(value) ? value.length : 0;
  const wanted = `Expected an array with maximum length ${most}`;
  const got = `an array with length ${length}`;
  const message = `Invalid '${param}': array too long. ${wanted}, but got ${got} instead.`;
  return { message, code: "array_above_max_length" };
}

function numberKind(...values: readonly number[]): "integer" | "decimal" {
  return values.every(Number.isInteger) ? "integer" : "decimal";
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a decimal",
  int: "an integer",
  boolean: "a boolean",
  array: "an array of objects",
  object: "an object",
  record: "an object",
};

function expectedType(issue: Issue): string {
  if (issue.code === "invalid_union") return "one of a string or array of objects";
  return issue.code === "invalid_type" ? (typeNames[issue.expected] ?? issue.expected) : "another";
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number") return Number.isInteger(value) ? "an integer" : "a decimal number";
  return typeNames[typeof value] ?? typeof value;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null) return undefined;
    return Object.entries(value).find(([key]) => key === String(part))?.[1];
  }, body);
}
