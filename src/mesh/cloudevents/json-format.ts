import type { JsonNode, JsonObject } from "../../kernel/json.ts";
import type { Reason } from "../../kernel/reason.ts";
import { done, failed, type Result } from "../../kernel/result.ts";
import { writeJson } from "../../kernel/strict-json.ts";
import { INVALID } from "./attributes.ts";
import { isJson, readMediaType } from "./content-type.ts";

/** An event in the JSON format, taken apart: members that are attributes, by name, and the data. */
export interface Envelope {
  readonly attribute: (name: string) => string | undefined;
  readonly data: JsonNode;
}

/** CloudEvents 1.0.2 §3: names of attributes; `data_base64` is none. */
const NAME = /^[a-z0-9]+$/;

/** Reads the JSON format (CloudEvents 1.0.2): an object of attributes, and `data`. */
export function readEnvelope(node: JsonNode): Result<Envelope, Reason> {
  if (node.kind !== "object") return failed(INVALID);
  const { members } = node;
  for (const [name, { value }] of members) {
    if (name === "data" || name === "data_base64") continue;
    if (!NAME.test(name) || value.kind === "array" || value.kind === "object") return failed(INVALID);
  }
  if (!TEXTUAL.every((name) => isText(members.get(name)?.value))) return failed(INVALID);
  const data = readData(node);
  return data.ok ? done({ attribute: (name) => textOf(node, name), data: data.value }) : data;
}

/** The attributes that we read are strings; null stands for absent (§2.2). */
const TEXTUAL = ["id", "source", "specversion", "type", "subject", "time", "datacontenttype"] as const;
const isText = (value: JsonNode | undefined): boolean =>
  value === undefined || value.kind === "string" || isNull(value);

const isNull = (value: JsonNode): boolean => value.kind === "literal" && value.raw === "null";

function textOf({ members }: JsonObject, name: string): string | undefined {
  const value = members.get(name)?.value;
  return value?.kind === "string" ? value.value : undefined;
}

/**
 * §3.1.1: `data` or `data_base64`, never both; without a content type the data is JSON. An event without data is refused: in binary
 * mode it would become a tombstone, and delete what it says nothing about. `data: null` is data.
 */
function readData(envelope: JsonObject): Result<JsonNode, Reason> {
  const data = envelope.members.get("data")?.value;
  const base64 = envelope.members.get("data_base64")?.value;
  if (base64 !== undefined && !isNull(base64)) {
    return failed(data === undefined ? { code: "EVENT_CONTENT_TYPE" } : INVALID);
  }
  const contentType = textOf(envelope, "datacontenttype");
  const mediaType = contentType === undefined ? undefined : readMediaType(contentType);
  if (contentType !== undefined && (mediaType === undefined || !isJson(mediaType))) {
    return failed({ code: "EVENT_CONTENT_TYPE" });
  }
  return data === undefined ? failed({ code: "SCHEMA_MISMATCH", pointer: "" }) : done(data);
}

/** Writes the JSON format: attributes in the order given, then the data as it stands. */
export function writeEnvelope(
  attributes: readonly (readonly [name: string, value: string])[],
  data: JsonNode,
): string {
  const members = [...attributes, ["datacontenttype", "application/json"] as const].map(
    ([name, value]) => `"${name}":${JSON.stringify(value)}`,
  );
  return `{${members.join(",")},"data":${writeJson(data)}}`;
}
