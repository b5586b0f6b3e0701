import { Buffer } from "node:buffer";
import type { JsonNode, JsonObject } from "../../kernel/json.ts";
import type { JsonFault } from "../../kernel/json-reader.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { done, failed, type Result } from "../../kernel/result.ts";
import { readJson, writeJson } from "../../kernel/strict-json.ts";

/** A record of a replica topic as it stands in a line. */
export interface ReplicaLine {
  /** Undefined: the line does not say. */
  readonly agreement: string | undefined;
  readonly eventId: string | undefined;
  /** What the contract's paths go into. */
  readonly data: JsonNode;
  /** The line with other data in it; the rest stays as it is. */
  write(data: JsonNode): string;
}

/** A line has at most the record's value, an event around it, and the members of a record around that. */
const BOUNDS = {
  depthMax: LIMITS.recordCeiling.depthMax + 2,
  arrayLengthMax: LIMITS.recordCeiling.arrayLengthMax,
};

/**
 * Reads `{key, value, headers, timestamp}`, or what Kafka's console consumer prints with `print.headers=true`: fields with tabs
 * between, the value last. A line that names the wrong event or agreement does no harm: its values then don't open.
 */
export function readReplicaLine(line: string): Result<ReplicaLine, JsonFault["code"]> {
  const tab = line.lastIndexOf("\t");
  const whole = readJson(Buffer.from(line), BOUNDS);
  if (whole.ok) return done(ofRecord(whole.value));
  const value = tab < 0 ? whole : readJson(Buffer.from(line.slice(tab + 1)), BOUNDS);
  if (!value.ok) return failed(value.fault.code);
  const printed = line.slice(0, tab);
  return done(
    ofValue(
      value.value,
      (name) => printedHeader(printed, name),
      (node) => `${printed}\t${writeJson(node)}`,
    ),
  );
}

function ofRecord(record: JsonNode): ReplicaLine {
  const value = record.kind === "object" ? record.members.get("value")?.value : undefined;
  if (record.kind !== "object" || value === undefined) return ofValue(record, () => undefined, writeJson);
  const headers = record.members.get("headers")?.value;
  return ofValue(
    value,
    (name) => listedHeader(headers, name),
    (node) => writeJson(withMember(record, "value", node)),
  );
}

/** Binary mode has the event's id in a header; structured mode has it in the value, beside the data. */
function ofValue(
  value: JsonNode,
  header: (name: string) => string | undefined,
  write: (value: JsonNode) => string,
): ReplicaLine {
  const agreement = header("ce_meshagreement");
  const inHeader = header("ce_id");
  const data = value.kind === "object" ? value.members.get("data")?.value : undefined;
  if (inHeader !== undefined || value.kind !== "object" || data === undefined)
    return { agreement, eventId: inHeader, data: value, write };
  const eventId = textOf(value.members.get("id")?.value);
  return { agreement, eventId, data, write: (node) => write(withMember(value, "data", node)) };
}

/** A header that stands there once, in `[[name, value], …]`. */
function listedHeader(headers: JsonNode | undefined, name: string): string | undefined {
  const pairs = headers?.kind === "array" ? headers.items : [];
  const [found, ...others] = pairs.flatMap((pair) =>
    pair.kind === "array" && textOf(pair.items[0]) === name ? [textOf(pair.items[1])] : [],
  );
  return others.length === 0 ? found : undefined;
}

/** A header that stands there once, in `name:value,name:value`. */
function printedHeader(printed: string, name: string): string | undefined {
  const [found, ...others] = printed
    .split(/[,\t]/)
    .flatMap((pair) => (pair.startsWith(`${name}:`) ? [pair.slice(name.length + 1)] : []));
  return others.length === 0 ? found : undefined;
}

const textOf = (node: JsonNode | undefined): string | undefined =>
  node?.kind === "string" ? node.value : undefined;

const withMember = ({ members }: JsonObject, name: string, value: JsonNode): JsonObject => ({
  kind: "object",
  members: new Map(
    [...members].map(([each, member]) => [each, each === name ? { raw: member.raw, value } : member]),
  ),
});
