/** A JSON value of a file that people write: contracts, cards, agreements, bundles. Never a record's payload. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMembers;
export interface JsonMembers {
  readonly [name: string]: Json;
}

/** Is it an object, and so neither an array nor null? */
export const isMembers = (value: Json | undefined): value is JsonMembers =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A JSON value of a record, as it stands in the bytes: numbers stay text (RFC 8259 §6 sets no precision), strings and
 * member names keep the spelling they came with, so that what no rule edits leaves byte for byte.
 */
export type JsonNode = JsonLiteral | JsonNumber | JsonString | JsonArray | JsonObject;

export interface JsonLiteral {
  readonly kind: "literal";
  readonly raw: "null" | "true" | "false";
}
export interface JsonNumber {
  readonly kind: "number";
  /** The token as written, for example `1E+3`. */
  readonly raw: string;
}
export interface JsonString {
  readonly kind: "string";
  /** The decoded characters. */
  readonly value: string;
  /** The token as written, quotes included. */
  readonly raw: string;
}
export interface JsonArray {
  readonly kind: "array";
  readonly items: readonly JsonNode[];
}
export interface JsonObject {
  readonly kind: "object";
  /** By decoded name, in the order of the bytes. `raw` is the name's token with its quotes. */
  readonly members: ReadonlyMap<string, { readonly raw: string; readonly value: JsonNode }>;
}
