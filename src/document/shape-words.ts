import type { ErrorObject } from "ajv";
import { escapeSegment } from "../kernel/pointer.ts";
import { nearestName, quoteName } from "./name.ts";
import { REQUIRED_ONE } from "./union-noise.ts";

/** A validator's fault in words; `member` is set when it is about a member's name, as `/name`. */
export interface FaultWords {
  readonly rule: string;
  readonly message: string;
  readonly mend: string;
  readonly member?: string;
}

/** Keyword of JSON Schema → its rule and words. Only the schema's side is told, never the value. */
const WORDS: Readonly<Record<string, (fault: ErrorObject) => FaultWords>> = {
  required: ({ params, instancePath }) => ({
    rule: "required",
    message: `${place(instancePath)} has no ${quoteName(String(params.missingProperty))}.`,
    mend: `Add ${quoteName(String(params.missingProperty))}.`,
  }),
  [REQUIRED_ONE]: ({ params, instancePath }) => {
    const names: string[] = params.names;
    const words = oneOf(names.map(quoteName));
    return { rule: "required", message: `${place(instancePath)} needs ${words}.`, mend: `Add ${words}.` };
  },
  additionalProperties: (fault) => unknownKey(fault, String(fault.params.additionalProperty)),
  unevaluatedProperties: (fault) => unknownKey(fault, String(fault.params.unevaluatedProperty)),
  propertyNames: ({ params, instancePath }) => ({
    rule: "unknown-key",
    message: `${place(instancePath)} has the name ${quoteName(String(params.propertyName))}, which is not allowed there.`,
    mend: "Correct the name, or remove it.",
    member: `/${escapeSegment(String(params.propertyName))}`,
  }),
  type: ({ params, instancePath }) => {
    const types = oneOf([params.type].flat().map((type) => TYPES[String(type)] ?? String(type)));
    return { rule: "type", message: `${place(instancePath)} must be ${types}.`, mend: `Write ${types}.` };
  },
  enum: ({ params, instancePath, data }) => {
    const known: unknown[] = params.allowedValues;
    const near =
      typeof data === "string"
        ? nearestName(
            data,
            known.filter((each) => typeof each === "string"),
          )
        : undefined;
    return {
      rule: "value",
      message: `${place(instancePath)} must be ${oneOf(known.map((each) => quoteName(String(each))))}.`,
      mend: near === undefined ? "Write one of these." : `Did you mean ${quoteName(near)}?`,
    };
  },
  const: ({ params, instancePath }) => {
    const value = quoteName(String(params.allowedValue));
    return { rule: "value", message: `${place(instancePath)} must be ${value}.`, mend: `Write ${value}.` };
  },
  discriminator: ({ params, instancePath, parentSchema }) => {
    const known = tagsOf(parentSchema, String(params.tag));
    const near = typeof params.tagValue === "string" ? nearestName(params.tagValue, known) : undefined;
    return {
      rule: "value",
      message: `${quoteName(String(params.tag))} of ${inner(instancePath)} must be ${oneOf(known.map(quoteName))}.`,
      mend: near === undefined ? "Write one of these." : `Did you mean ${quoteName(near)}?`,
      member: `/${escapeSegment(String(params.tag))}`,
    };
  },
  pattern: (fault) => sentence(fault, "format", `must look like ${quoteName(String(fault.params.pattern))}`),
  format: (fault) =>
    sentence(fault, "format", `must be of the format ${quoteName(String(fault.params.format))}`),
  minLength: (fault) => sentence(fault, "length", `must have at least ${fault.params.limit} characters`),
  maxLength: (fault) => sentence(fault, "length", `must have at most ${fault.params.limit} characters`),
  minimum: (fault) => sentence(fault, "range", `must be at least ${fault.params.limit}`),
  maximum: (fault) => sentence(fault, "range", `must be at most ${fault.params.limit}`),
  exclusiveMinimum: (fault) => sentence(fault, "range", `must be above ${fault.params.limit}`),
  exclusiveMaximum: (fault) => sentence(fault, "range", `must be below ${fault.params.limit}`),
  multipleOf: (fault) => sentence(fault, "range", `must be a multiple of ${fault.params.multipleOf}`),
  minItems: (fault) => sentence(fault, "size", `must have at least ${fault.params.limit} elements`),
  maxItems: (fault) => sentence(fault, "size", `must have at most ${fault.params.limit} elements`),
  minProperties: (fault) => sentence(fault, "size", `must have at least ${fault.params.limit} members`),
  maxProperties: (fault) => sentence(fault, "size", `must have at most ${fault.params.limit} members`),
  uniqueItems: (fault) => sentence(fault, "unique", "must not have an element twice"),
  dependentRequired: ({ params, instancePath }) => ({
    rule: "required",
    message: `${place(instancePath)} has ${quoteName(String(params.property))} and so needs ${quoteName(String(params.missingProperty))}.`,
    mend: `Add ${quoteName(String(params.missingProperty))}.`,
  }),
};

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  null: "null",
};

/** What is wrong, in plain words. A keyword without words of its own is a form that does not fit. */
export function describeFault(fault: ErrorObject): FaultWords {
  const words = WORDS[fault.keyword];
  return (
    words?.(fault) ?? sentence(fault, "form", "has none of the forms that are allowed here, or more than one")
  );
}

function unknownKey({ instancePath, parentSchema }: ErrorObject, name: string): FaultWords {
  const properties: unknown = parentSchema?.properties;
  const known = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  const near = nearestName(name, known);
  return {
    rule: "unknown-key",
    message: `${place(instancePath)} has ${quoteName(name)}, which is not known there.`,
    mend: near === undefined ? "Remove it, or correct its name." : `Did you mean ${quoteName(near)}?`,
    member: `/${escapeSegment(name)}`,
  };
}

function sentence({ instancePath }: ErrorObject, rule: string, must: string): FaultWords {
  return { rule, message: `${place(instancePath)} ${must}.`, mend: "Correct the value." };
}

/** The values that tell the branches of a discriminated union apart. */
function tagsOf(schema: ErrorObject["parentSchema"], tag: string): string[] {
  const branches: unknown[] = Array.isArray(schema?.oneOf) ? schema.oneOf : [];
  return branches.flatMap((branch) => {
    const { properties } = branch as { properties?: Record<string, { const?: unknown; enum?: unknown[] }> };
    const rule = properties?.[tag];
    return rule?.enum?.map(String) ?? (rule?.const === undefined ? [] : [String(rule.const)]);
  });
}

function place(instancePath: string): string {
  const name = inner(instancePath);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function inner(pointer: string): string {
  const segments = pointer.split("/").map((each) => each.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = segments.at(-1) ?? "";
  if (segments.length === 1) return "the document";
  if (!/^\d+$/.test(last)) return quoteName(last);
  return segments.length === 2 ? `element ${last}` : `element ${last} of ${quoteName(segments.at(-2) ?? "")}`;
}

const oneOf = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
