import { Buffer, isUtf8 } from "node:buffer";
import type { MeshEvent } from "../../kernel/cloud-event.ts";
import type { Encoding, RecordLimits } from "../../kernel/contract.ts";
import type { JsonNode } from "../../kernel/json.ts";
import type { Reason } from "../../kernel/reason.ts";
import type { KafkaRecord, OutboundRecord, RecordHeader } from "../../kernel/record.ts";
import { done, failed, type Result } from "../../kernel/result.ts";
import { readJson, writeJson } from "../../kernel/strict-json.ts";
import { INVALID, readAttributes } from "./attributes.ts";
import { isCloudEvent, isJson, isUtf8 as isUtf8Type, type MediaType, readMediaType } from "./content-type.ts";
import { readEnvelope, writeEnvelope } from "./json-format.ts";

/** What a record says, and how many bytes it has. */
export interface DecodedRecord {
  readonly event: MeshEvent;
  readonly inputBytes: number;
}

/** An event to be written, with everything that the record around it carries. */
export interface EventParts {
  readonly mode: "binary" | "structured";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly time: string | undefined;
  /** undefined: a tombstone. */
  readonly data: JsonNode | undefined;
  readonly key: Uint8Array | null;
  readonly timestamp: bigint;
  /** The mesh's own, see provenance. */
  readonly provenance: readonly RecordHeader[];
  /** Headers of the source that may leave, in their order. */
  readonly headers: readonly RecordHeader[];
}

type Decoder = (record: KafkaRecord, limits: RecordLimits) => Result<MeshEvent, Reason>;

/** Encoding of the contract → how it is read. A record of another encoding than the contract's is refused. */
const DECODERS: Readonly<Record<Encoding, Decoder>> = {
  json: decodePlain,
  "cloudevents-binary": decodeBinary,
  "cloudevents-structured": decodeStructured,
};

/**
 * A record as an event, by the Kafka protocol binding of CloudEvents 1.0.2. The key maps to nothing (§3.1: a mapper must not
 * modify the event). Refused with a reason that names no value.
 */
export function decodeRecord(
  record: KafkaRecord,
  encoding: Encoding,
  limits: RecordLimits,
): Result<DecodedRecord, Reason> {
  const inputBytes = sizeOfRecord(record);
  if (inputBytes > limits.bytesMax) return failed({ code: "RECORD_TOO_LARGE" });
  const event = DECODERS[encoding](record, limits);
  return event.ok ? done({ event: event.value, inputBytes }) : event;
}

/** Bytes of key, value, header names and header values: what a record carries, without Kafka's framing. */
export function sizeOfRecord({ key, value, headers }: OutboundRecord): number {
  const sizes = headers.map(([name, bytes]) => Buffer.byteLength(name) + (bytes?.byteLength ?? 0));
  return sizes.reduce((sum, size) => sum + size, (key?.byteLength ?? 0) + (value?.byteLength ?? 0));
}

/** Plain JSON: the value is the data, and no attribute is known. */
function decodePlain({ value }: KafkaRecord, limits: RecordLimits): Result<MeshEvent, Reason> {
  const nothing = { id: undefined, source: undefined, type: undefined, subject: undefined, time: undefined };
  const data = readData(value, limits);
  return data.ok ? done({ ...nothing, data: data.value }) : data;
}

/** §3.2, binary content mode: attributes in headers, the value is the data as it is; a null value is a tombstone. */
function decodeBinary({ value, headers }: KafkaRecord, limits: RecordLimits): Result<MeshEvent, Reason> {
  const texts = readHeaders(headers);
  if (!texts.ok) return texts;
  const type = contentTypeOf(texts.value);
  if (type !== "absent") {
    if (type !== undefined && isCloudEvent(type)) return failed(INVALID);
    if (type === undefined || !isJson(type)) return failed({ code: "EVENT_CONTENT_TYPE" });
  }
  const attributes = readAttributes((name) => texts.value.get(`ce_${name}`));
  if (!attributes.ok) return attributes;
  const data = readData(value, limits);
  return data.ok ? done({ ...attributes.value, data: data.value }) : data;
}

/** §3.3, structured content mode: the value is the event. A null value is no event, and no tombstone either. */
function decodeStructured({ value, headers }: KafkaRecord, limits: RecordLimits): Result<MeshEvent, Reason> {
  const texts = readHeaders(headers);
  if (!texts.ok) return texts;
  const type = contentTypeOf(texts.value);
  if (value === null || type === "absent" || type === undefined || !isCloudEvent(type))
    return failed(INVALID);
  if (type.subtype !== "cloudevents+json" || !isUtf8Type(type)) return failed({ code: "EVENT_CONTENT_TYPE" });
  // The limit is on the data, which stands one level deep in the event.
  const node = readData(value, { ...limits, depthMax: limits.depthMax + 1 });
  if (!node.ok) return node;
  const envelope = node.value === undefined ? failed(INVALID) : readEnvelope(node.value);
  if (!envelope.ok) return envelope;
  const attributes = readAttributes(envelope.value.attribute);
  return attributes.ok ? done({ ...attributes.value, data: envelope.value.data }) : attributes;
}

function readData(value: Uint8Array | null, limits: RecordLimits): Result<JsonNode | undefined, Reason> {
  if (value === null) return done(undefined);
  const node = readJson(value, limits);
  return node.ok ? node : failed({ code: node.fault.code });
}

/**
 * §3.2.3: the headers that mean something, as text (UTF-8, no percent-encoding). Two of one name are refused: readers differ in
 * which they take. A header with a null value is absent.
 */
function readHeaders(headers: readonly RecordHeader[]): Result<ReadonlyMap<string, string>, Reason> {
  const seen = new Set<string>();
  const texts = new Map<string, string>();
  for (const [name, value] of headers) {
    if (!name.startsWith("ce_") && name !== "content-type") continue;
    if (seen.has(name) || (value !== null && !isUtf8(value))) return failed(INVALID);
    seen.add(name);
    if (value !== null) texts.set(name, Buffer.from(value).toString("utf8"));
  }
  return done(texts);
}

/** Undefined: malformed. */
function contentTypeOf(texts: ReadonlyMap<string, string>): MediaType | "absent" | undefined {
  const text = texts.get("content-type");
  return text === undefined ? "absent" : readMediaType(text);
}

/** What only we write, in lower case; a header of the source of such a name would be a second one, or pass for ours. */
const OURS = /^(?:ce_(?:specversion|id|source|type|subject|time|datacontenttype|mesh.*)|content-type)$/s;

/**
 * An event as a record. A tombstone is written in binary mode always: a null value with the attributes in headers, because in
 * structured mode there is none (§3.3). Attributes are UTF-8 as they are: Kafka has no percent-encoding.
 */
export function encodeRecord(parts: EventParts): OutboundRecord {
  const { key, timestamp, data, provenance } = parts;
  const foreign = parts.headers.filter(([name]) => !OURS.test(name.toLowerCase()));
  const attributes = attributesOf(parts);
  const structured = parts.mode === "structured" && data !== undefined;
  const ours: (readonly [string, string])[] = structured
    ? [["content-type", "application/cloudevents+json; charset=UTF-8"]]
    : attributes.map(([name, value]) => [`ce_${name}`, value] as const);
  if (!structured && data !== undefined) ours.push(["content-type", "application/json"]);
  const headers = [
    ...ours.map(([name, value]) => [name, Buffer.from(value)] as const),
    ...provenance,
    ...foreign,
  ];
  if (data === undefined) return { key, timestamp, headers, value: null };
  const text = structured ? writeEnvelope(attributes, data) : writeJson(data);
  return { key, timestamp, headers, value: Buffer.from(text) };
}

function attributesOf({
  id,
  source,
  type,
  subject,
  time,
}: EventParts): (readonly [name: string, value: string])[] {
  const attributes = [
    ["specversion", "1.0"],
    ["id", id],
    ["source", source],
    ["type", type],
    ["subject", subject],
    ["time", time],
  ] as const;
  return attributes.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
