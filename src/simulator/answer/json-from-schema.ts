import { hash } from "../seed.ts";
import { numberFor, stringFor } from "./scalars.ts";

export type Schema = Readonly<Record<string, unknown>>;

/** What the conversation offers for a document. */
export interface Hints {
  /** A value for a property; undefined when there is none. */
  value(property: string, type: "string" | "number"): unknown;
  /** Whether these words were said. */
  mentions(words: string): boolean;
}

const deepest = 24;

interface Place {
  /** The property's name, for hints and placeholders. */
  readonly property: string;
  readonly depth: number;
  /** The references on the way here: meeting one again is recursion. */
  readonly trail: readonly string[];
}

/**
 * A small document that is valid under a JSON schema: required properties (all of them, where the
 * schema does not say which), one item per list, the first of several choices; values from `hints`
 * where they fit. Reads the keywords that OpenAI's structured outputs allow and the common others.
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function documentFor(schema: unknown, hints: Hints): unknown {
  return new Builder(schema, hints).build(schema, { property: "", depth: 0, trail: ["#"] });
}

class Builder {
  readonly #root: unknown;
  readonly #hints: Hints;

  constructor(root: unknown, hints: Hints) {
    this.#root = root;
    this.#hints = hints;
  }

  build(schema: unknown, place: Place): unknown {
    if (!isSchema(schema) || place.depth > deepest) return null;
    if (typeof schema["$ref"] === "string") return this.#referred(schema["$ref"], place);
    if (Object.hasOwn(schema, "const")) return schema["const"];
    if (isList(schema["enum"])) return this.#chosen(schema["enum"]);
    if (Object.hasOwn(schema, "default")) return schema["default"];
    if (isList(schema["allOf"])) return this.build(this.#merged(schema, schema["allOf"]), place);
    const options = schema["anyOf"] ?? schema["oneOf"];
    if (isList(options)) return this.build(withShared(schema, this.#option(options, place)), place);
    return this.#typed(schema, place);
  }

  #typed(schema: Schema, place: Place): unknown {
    const type = typeOf(schema);
    switch (type) {
      case "object":
        return this.#object(schema, place);
      case "array":
        return this.#array(schema, place);
      case "string":
        return stringFor(schema, place.property, this.#hints.value(place.property, "string"));
      case "number":
      case "integer":
        return numberFor(schema, type, this.#hints.value(place.property, "number"));
      case "boolean":
        return hash(place.property) % 2 === 0;
      default:
        return null;
    }
  }

  #object(schema: Schema, place: Place): Readonly<Record<string, unknown>> {
    const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
    const required = isList(schema["required"]) ? schema["required"].map(String) : null;
    const names =
      required ??
      Object.keys(properties).filter((name) => !this.#recurs(properties[name], place.trail));
    return Object.fromEntries(
      names.map((name) => [name, this.build(properties[name] ?? {}, under(place, name))]),
    );
  }

  #array(schema: Schema, place: Place): readonly unknown[] {
    const first = isList(schema["prefixItems"]) ? schema["prefixItems"] : [];
    const least = countOf(schema["minItems"]) ?? 0;
    const most = countOf(schema["maxItems"]) ?? Number.POSITIVE_INFINITY;
    const items = schema["items"];
    const recurs = this.#recurs(items, place.trail);
    const usual = first.length > 0 || recurs || items === undefined ? first.length : 1;
    const length = Math.min(most, Math.max(least, usual), 1000);
    const built = Array.from({ length }, (_, at) =>
      this.build(first[at] ?? items ?? {}, under(place, place.property)),
    );
    return schema["uniqueItems"] === true ? distinct(built) : built;
  }

  #chosen(values: readonly unknown[]): unknown {
    const said = values.find((value) => typeof value === "string" && this.#hints.mentions(value));
    return said ?? values[0];
  }

  /** The first choice that is neither null nor a way round in a circle. */
  #option(options: readonly unknown[], { trail }: Place): unknown {
    const ending = options.filter((option) => !this.#recurs(option, trail));
    const meaningful = ending.find((option) => !isSchema(option) || option["type"] !== "null");
    return meaningful ?? ending[0] ?? options[0];
  }

  /** All parts must hold: their properties and their required ones together. */
  #merged(schema: Schema, parts: readonly unknown[]): Schema {
    const schemas = [without(schema, ["allOf"]), ...parts].map((part) =>
      isSchema(part) && typeof part["$ref"] === "string" ? this.#lookUp(part["$ref"]) : part,
    );
    return schemas.filter(isSchema).reduce<Schema>(combine, {});
  }

  #referred(reference: string, place: Place): unknown {
    const trail = [...place.trail, reference];
    return this.build(this.#lookUp(reference), { ...place, depth: place.depth + 1, trail });
  }

  /** Whether building this would come back to where we are. */
  #recurs(schema: unknown, trail: readonly string[]): boolean {
    if (!isSchema(schema)) return false;
    if (typeof schema["$ref"] === "string") return trail.includes(schema["$ref"]);
    return isSchema(schema["items"]) && schema["minItems"] !== undefined
      ? this.#recurs(schema["items"], trail)
      : false;
  }

  #lookUp(reference: string): unknown {
    const steps = reference
      .replace(/^#\/?/, "")
      .split("/")
      .filter((step) => step !== "");
    return steps.reduce<unknown>((value, step) => {
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      return isSchema(value) || isList(value)
        ? Object.entries(value).find(([k]) => k === key)?.[1]
        : null;
    }, this.#root);
  }
}

function under(place: Place, property: string): Place {
  return { ...place, property, depth: place.depth + 1 };
}

function combine(a: Schema, b: Schema): Schema {
  const properties = { ...asSchema(a["properties"]), ...asSchema(b["properties"]) };
  const required = [...asList(a["required"]), ...asList(b["required"])];
  return {
    ...a,
    ...b,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  };
}

/** What stands beside `anyOf` holds for every choice. */
function withShared(schema: Schema, option: unknown): unknown {
  if (!isSchema(option) || option["$ref"] !== undefined) return option;
  return combine(without(schema, ["anyOf", "oneOf"]), option);
}

function without(schema: Schema, keywords: readonly string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keywords.includes(key)));
}

/** The type, or what the other keywords give away; the first one that is not null of several. */
function typeOf(schema: Schema): string {
  const { type } = schema;
  if (typeof type === "string") return type;
  if (isList(type)) {
    const named = type.find((name) => typeof name === "string" && name !== "null");
    return typeof named === "string" ? named : "null";
  }
  if (schema["properties"] !== undefined || schema["required"] !== undefined) return "object";
  if (schema["items"] !== undefined || schema["prefixItems"] !== undefined) return "array";
  return schema["minimum"] !== undefined || schema["maximum"] !== undefined ? "number" : "string";
}

/** Different strings and numbers; other items can only be left out. */
function distinct(items: readonly unknown[]): readonly unknown[] {
  const different = items.map((item, at) => {
    if (typeof item === "string") return at === 0 ? item : `${item} ${at + 1}`;
    return typeof item === "number" ? item + at : item;
  });
  const seen = new Set<string>();
  return different.filter((item) => {
    const text = JSON.stringify(item);
    return seen.has(text) ? false : seen.add(text);
  });
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function asSchema(value: unknown): Schema {
  return isSchema(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return isList(value) ? value : [];
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
}
