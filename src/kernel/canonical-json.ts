import assert from "node:assert/strict";
import type { Json, JsonMembers } from "./json.ts";

/**
 * The canonical form of RFC 8785: no space, names sorted by UTF-16 code units, strings and numbers as ECMAScript writes
 * them. Members that are undefined are left out, as ECMAScript does. What is no JSON (an infinity, NaN, half a surrogate pair,
 * a Map) is refused by an assertion: readers refuse it before, so it is a bug.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return canonicalNumber(value);
  if (typeof value === "string") return canonicalString(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  return canonicalObject(value);
}

/** §3.2.2.3: the shortest form that reads back as the same double; minus zero is 0. */
function canonicalNumber(value: number): string {
  assert(Number.isFinite(value), "RFC 8785 §3.2.2.3: a number is finite.");
  return String(value);
}

/** §3.2.2.2. */
function canonicalString(value: string): string {
  assert(value.isWellFormed(), "RFC 8785 §3.2.2.2: a string holds no half of a surrogate pair.");
  return JSON.stringify(value);
}

/** §3.2.3: sorting is by code units, which is how ECMAScript compares strings. */
function canonicalObject(value: JsonMembers): string {
  const prototype: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  assert(prototype === null || prototype === Object.prototype, "Only plain objects have a canonical form.");
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${canonicalString(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** Array.isArray does not narrow a readonly array. */
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
