import * as fc from "fast-check";
import { zodResponseFormat } from "openai/helpers/zod";
import { expect, test } from "vitest";
import { z } from "zod";
import { documentFor } from "../../src/simulator/answer/json-from-schema.ts";
import { sampleOf } from "../../src/simulator/answer/sample-pattern.ts";
import { accountWith, saying } from "./simulated-account.ts";

const noHints = { value: () => undefined, mentions: () => false };

test("json_object is answered with a JSON object that holds the answer", async () => {
  const { openai } = accountWith();
  const answer = await openai.chat.completions.create({
    ...saying("What is 2+2? Answer in JSON."),
    response_format: { type: "json_object" },
  });
  expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ answer: "2 + 2 = 4" });
});

test("json_schema is parsed by the official client's own helper", async () => {
  const event = z.object({
    title: z.string(),
    kind: z.enum(["meeting", "party", "exam"]),
    city: z.string(),
    starts: z.string(),
    seats: z.number().int(),
    price: z.number().nullable(),
    online: z.boolean(),
    people: z.array(z.object({ name: z.string(), role: z.literal("guest") })),
  });
  const { openai } = accountWith();
  const answer = await openai.chat.completions.parse({
    ...saying("My name is Ada. Plan a party in Lisbon for 12 people."),
    response_format: zodResponseFormat(event, "event"),
  });
  expect(answer.choices[0]?.message.parsed).toMatchObject({
    kind: "party",
    city: "Lisbon",
    seats: 12,
    people: [{ name: "Ada", role: "guest" }],
  });
});

test.each([
  ["a const", { const: 7 }, 7],
  ["an enum", { enum: ["b", "a"] }, "b"],
  ["a default", { type: "string", default: "x" }, "x"],
  [
    "required properties only",
    { type: "object", properties: { a: { type: "integer" }, b: {} }, required: ["a"] },
    { a: 1 },
  ],
  [
    "all properties where none is required",
    { type: "object", properties: { a: { const: 1 }, b: { const: 2 } } },
    { a: 1, b: 2 },
  ],
  ["a required property that is not described", { required: ["a"] }, { a: "simulated a" }],
  ["a nullable type", { type: ["null", "integer"] }, 1],
  ["a union with null", { anyOf: [{ type: "null" }, { const: "x" }] }, "x"],
  ["an empty list", { type: "array", maxItems: 0, items: { type: "string" } }, []],
  ["a list of three", { type: "array", minItems: 3, items: { const: 1 } }, [1, 1, 1]],
  ["a tuple", { type: "array", prefixItems: [{ const: 1 }, { const: "b" }] }, [1, "b"]],
  [
    "a list of different ones",
    { type: "array", minItems: 2, uniqueItems: true, items: { type: "integer" } },
    [1, 2],
  ],
  ["a multiple", { type: "integer", minimum: 10, multipleOf: 7 }, 14],
  ["an open interval", { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
  ["a negative range", { type: "integer", maximum: -3 }, -3],
  ["a date", { type: "string", format: "date" }, "2024-01-15"],
  ["a short string", { type: "string", maxLength: 3 }, "sim"],
  ["a long string", { type: "string", minLength: 20 }, "simulated text......"],
  ["a pattern", { type: "string", pattern: "^[A-Z]{2}-\\d{4}$" }, "AA-0000"],
  [
    "all of several",
    {
      allOf: [{ properties: { a: { const: 1 } }, required: ["a"] }, { $ref: "#/$defs/b" }],
      $defs: { b: { properties: { b: { const: 2 } }, required: ["b"] } },
    },
    { a: 1, b: 2 },
  ],
  ["nothing at all", true, null],
])("%s is filled in", (_, schema, document) => {
  expect(documentFor(schema, noHints)).toEqual(document);
});

test("a schema that refers to itself ends", () => {
  const node = {
    type: "object",
    properties: {
      value: { type: "integer" },
      next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
      children: { type: "array", items: { $ref: "#/$defs/node" } },
    },
    required: ["value", "next", "children"],
  };
  const schema = { $ref: "#/$defs/node", $defs: { node } };
  expect(documentFor(schema, noHints)).toEqual({ value: 1, next: null, children: [] });
  const hopeless = { type: "object", properties: { self: { $ref: "#" } }, required: ["self"] };
  expect(JSON.stringify(documentFor(hopeless, noHints)).length).toBeLessThan(1000);
});

test.each([
  "^\\d{3}-[a-f]+$",
  "(cat|dog)s?",
  "^\\+?[1-9]\\d{1,14}$",
  "^[^@]+@[a-z]+\\.com$",
  "^#[0-9a-f]{6}$",
])("a text is found for the pattern %s", (pattern) => {
  expect(sampleOf(pattern)).toMatch(new RegExp(pattern));
});

test.each(["(", "^(?=a)b", "\\bword\\b"])("no text is made up for the pattern %s", (pattern) => {
  expect(sampleOf(pattern)).toBeNull();
});

type JsonSchema = z.core.JSONSchema.JSONSchema;

const scalar: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.constantFrom<JsonSchema[]>(
    { type: "string" },
    { type: "boolean" },
    { type: "null" },
    { type: "string", format: "date-time" },
    { type: "string", format: "email" },
    { type: "string", format: "uuid" },
    { type: "string", pattern: "^[a-z]{3}\\d$" },
  ),
  fc
    .tuple(
      fc.integer({ min: -50, max: 50 }),
      fc.nat(40),
      fc.constantFrom("integer" as const, "number" as const),
    )
    .map(([minimum, width, type]) => ({ type, minimum, maximum: minimum + width })),
  fc.tuple(fc.nat(30), fc.nat(30)).map(([minLength, more]) => ({
    type: "string" as const,
    minLength,
    maxLength: minLength + more,
  })),
  fc.array(fc.string(), { minLength: 1, maxLength: 3 }).map((values) => ({ enum: values })),
);

const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc
      .dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("schema"), { maxKeys: 4 })
      .map((properties) => ({
        type: "object" as const,
        properties,
        required: Object.keys(properties),
        additionalProperties: false,
      })),
    fc
      .tuple(tie("schema"), fc.nat(3))
      .map(([items, minItems]) => ({ type: "array" as const, items, minItems })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
}));

test("whatever the schema, the document is valid under it", () => {
  fc.assert(
    fc.property(
      anySchema,
      fc.option(fc.string()),
      fc.option(fc.integer()),
      (schema, text, number) => {
        const hints = {
          value: (_: string, type: string) => (type === "string" ? text : number) ?? undefined,
          mentions: (words: string) => words === text,
        };
        const document = documentFor(schema, hints);
        expect(z.fromJSONSchema(schema).safeParse(document).error).toBeUndefined();
      },
    ),
    { numRuns: 300 },
  );
});
