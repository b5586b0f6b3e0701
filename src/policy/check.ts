import type { JsonType, ValueCheck } from "../kernel/contract.ts";
import type { JsonNode } from "../kernel/json.ts";
import { compareDecimals, type Decimal, decimalOf, isMultiple, isWhole } from "./decimal.ts";
import { equalsJson } from "./equality.ts";
import { FORMATS } from "./formats.ts";
import { Pattern } from "./pattern/pattern.ts";

/** The types of JSON Schema that a value has: a whole number has two. */
const TYPES: Readonly<Record<JsonType, (node: JsonNode) => boolean>> = {
  null: (node) => node.kind === "literal" && node.raw === "null",
  boolean: (node) => node.kind === "literal" && node.raw !== "null",
  integer: (node) => node.kind === "number" && isWhole(node.raw),
  number: (node) => node.kind === "number",
  string: (node) => node.kind === "string",
  array: (node) => node.kind === "array",
  object: (node) => node.kind === "object",
};

/**
 * Does the value keep what the wire schema demands of it? Its own level only: `required` and the children are the
 * projection's. As in JSON Schema, a keyword for one type says nothing of values of another. A number of more digits than
 * arithmetic takes fails every bound, because it can't be compared.
 */
export function keepsCheck(node: JsonNode, check: ValueCheck): boolean {
  if (check.types !== undefined && !check.types.some((type) => TYPES[type](node))) return false;
  if (check.enum !== undefined && !check.enum.some((value) => equalsJson(node, value))) return false;
  if (node.kind === "number") return keepsBounds(node.raw, check);
  if (node.kind === "string") return keepsText(node.value, check);
  return node.kind !== "array" || isWithin(node.items.length, check.minItems, check.maxItems);
}

/** Keyword → may a value stand so to its number? */
const BOUNDS = [
  ["minimum", (value: Decimal, bound: Decimal) => compareDecimals(value, bound) >= 0],
  ["maximum", (value: Decimal, bound: Decimal) => compareDecimals(value, bound) <= 0],
  ["exclusiveMinimum", (value: Decimal, bound: Decimal) => compareDecimals(value, bound) > 0],
  ["exclusiveMaximum", (value: Decimal, bound: Decimal) => compareDecimals(value, bound) < 0],
  ["multipleOf", (value: Decimal, bound: Decimal) => bound.units > 0n && isMultiple(value, bound)],
] as const;

function keepsBounds(raw: string, check: ValueCheck): boolean {
  const given = BOUNDS.filter(([keyword]) => check[keyword] !== undefined);
  if (given.length === 0) return true;
  const value = decimalOf(raw);
  if (value === undefined) return false;
  return given.every(([keyword, holds]) => {
    const bound = decimalOf(String(check[keyword]));
    return bound !== undefined && holds(value, bound);
  });
}

function keepsText(text: string, check: ValueCheck): boolean {
  const { minLength, maxLength, pattern, format } = check;
  if (minLength !== undefined || maxLength !== undefined) {
    if (!isWithin(codePoints(text), minLength, maxLength)) return false;
  }
  if (pattern !== undefined && !matches(check, pattern, text)) return false;
  const has = format === undefined ? undefined : FORMATS.get(format);
  return has === undefined || has(text);
}

const isWithin = (count: number, least = 0, most = Number.POSITIVE_INFINITY): boolean =>
  count >= least && count <= most;

/** JSON Schema 2020-12 validation §6.3: lengths count characters, not UTF-16 code units. */
function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const patterns = new WeakMap<ValueCheck, Pattern | "not run">();

/** Read once per check; a pattern that can't be run matches nothing, so that the record is denied. */
function matches(check: ValueCheck, source: string, text: string): boolean {
  let pattern = patterns.get(check);
  if (pattern === undefined) {
    const read = Pattern.read(source);
    pattern = read.ok ? read.value : "not run";
    patterns.set(check, pattern);
  }
  return pattern !== "not run" && pattern.test(text);
}
