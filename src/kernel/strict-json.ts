import assert from "node:assert/strict";
import { Buffer, isUtf8 } from "node:buffer";
import type { Json, JsonNode } from "./json.ts";
import { type JsonFault, type JsonLimits, readText } from "./json-reader.ts";
import { LIMITS } from "./limits.ts";
import { failed, type Result } from "./result.ts";

export type { JsonFault } from "./json-reader.ts";

/** What documents may hold; one beyond a double's range would be another number at its next reader. */
const DOCUMENT: JsonLimits = {
  depthMax: LIMITS.documentDepthMax,
  arrayLengthMax: LIMITS.documentNodesMax,
  doublesOnly: true,
};

/**
 * Reads one JSON text, RFC 8259 to the letter. Refused besides what the grammar refuses: bytes that are not UTF-8, a byte
 * order mark (§8.1), half a surrogate pair (§8.2), and two members of one name after unescaping (§4), because two readers
 * could see two values. Numbers of any length are kept as they are written. Never throws, however deep the text.
 */
export function readJson(
  bytes: Uint8Array,
  limits: { depthMax: number; arrayLengthMax: number },
): Result<JsonNode, JsonFault> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  if (isUtf8(buffer)) return readText(text, limits);
  // Decoding put U+FFFD where the bytes are ill-formed: there the two differ for the first time.
  return failed({ code: "JSON_NOT_UTF8", at: firstDifference(buffer, Buffer.from(text)) });
}

/**
 * Reads a document that people or partners wrote, by the same rules and within the limits of documents. A number beyond the
 * range of a double is refused as JSON_SYNTAX (RFC 7493 §2.2); every other becomes the nearest double.
 */
export function readPlainJson(source: string | Uint8Array): Result<Json, JsonFault> {
  const text = typeof source === "string" ? source : Buffer.from(source).toString("utf8");
  if (typeof source === "string" ? !source.isWellFormed() : !isUtf8(source)) {
    const at = typeof source === "string" ? halfPair(source) : firstDifference(source, Buffer.from(text));
    return failed({ code: "JSON_NOT_UTF8", at });
  }
  const node = readText(text, DOCUMENT);
  return node.ok ? { ok: true, value: fromNode(node.value) } : node;
}

/** Compact JSON text: members in their order, every token as it was written. */
export function writeJson(node: JsonNode): string {
  if (node.kind === "array") return `[${node.items.map(writeJson).join(",")}]`;
  if (node.kind !== "object") return node.raw;
  const members = [...node.members.values()].map(({ raw, value }) => `${raw}:${writeJson(value)}`);
  return `{${members.join(",")}}`;
}

/** A value of ours, or of a contract, as a node. Numbers are finite and strings well-formed, or it is a bug. */
export function toNode(value: Json): JsonNode {
  if (value === null) return { kind: "literal", raw: "null" };
  if (typeof value === "boolean") return { kind: "literal", raw: value ? "true" : "false" };
  if (typeof value === "string") return { kind: "string", value, raw: quote(value) };
  if (typeof value === "number") {
    assert(Number.isFinite(value), "A number of JSON is finite.");
    return { kind: "number", raw: String(value) };
  }
  if (isList(value)) return { kind: "array", items: value.map(toNode) };
  const members = Object.entries(value).map(
    ([name, member]) => [name, { raw: quote(name), value: toNode(member) }] as const,
  );
  return { kind: "object", members: new Map(members) };
}

/**
 * A node as a plain value. Lossy for numbers: they become the nearest double, beyond the range of doubles an infinity, which
 * `toNode` and `canonicalJson` refuse. Objects have no prototype, so that `__proto__` and `constructor` are names like others.
 */
export function fromNode(node: JsonNode): Json {
  switch (node.kind) {
    case "literal":
      return node.raw === "null" ? null : node.raw === "true";
    case "number":
      return Number(node.raw);
    case "string":
      return node.value;
    case "array":
      return node.items.map(fromNode);
    case "object": {
      const object: Record<string, Json> = Object.create(null);
      for (const [name, { value }] of node.members) object[name] = fromNode(value);
      return object;
    }
  }
}

/** Array.isArray does not narrow a readonly array. */
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function quote(text: string): string {
  assert(text.isWellFormed(), "A string of JSON holds no half of a surrogate pair.");
  return JSON.stringify(text);
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? one.length : at;
}

/** Byte offset of the first half of a surrogate pair. */
function halfPair(text: string): number {
  const mended = text.toWellFormed();
  let at = 0;
  while (text[at] === mended[at]) at++;
  return Buffer.byteLength(text.slice(0, at));
}
