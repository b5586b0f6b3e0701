import { Buffer } from "node:buffer";
import type { OutboundRecord } from "../../kernel/record.ts";
import type { Admission } from "../../mesh/admit.ts";
import type { Screen } from "../context.ts";
import { shown } from "../context.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

/** Which record a decision is on: the line of a file, or the count and the place of a record in a topic. */
export interface Asked {
  readonly line: number;
  readonly partition?: number;
  readonly offset?: bigint;
}

/** What of it stands in a line of JSON: a place only where there is one. */
const asked = ({ line, partition, offset }: Asked): object =>
  offset === undefined ? { line } : { line, partition, offset: String(offset) };

/** The decision on a record as one line of JSON; what would leave stands in it byte for byte. */
export function decisionLine(record: Asked, admission: Admission): string {
  if (admission.effect === "deny") {
    return `${JSON.stringify({ ...asked(record), effect: "deny", reasons: admission.reasons })}\n`;
  }
  const fields = admission.fields.map(({ pointer, action, by }) => ({ pointer, action, by }));
  const start = JSON.stringify({ ...asked(record), effect: "permit", reasons: [], fields });
  return `${start.slice(0, -1)},"record":${recordText(admission.record)}}\n`;
}

/** The record with its value as it is, not read and written again. */
function recordText({ key, headers, value, timestamp }: OutboundRecord): string {
  const names = headers.map(([name, header]) => [name, header === null ? null : text(header)]);
  const outside = JSON.stringify({ key: key === null ? null : text(key), headers: names });
  return `${outside.slice(0, -1)},"value":${value === null ? "null" : text(value)},"timestamp":${timestamp}}`;
}

/** The same for people. */
export function decisionText(record: Asked, admission: Admission, screen: Pick<Screen, "paint">): string {
  const { line, partition, offset } = record;
  const name = offset === undefined ? String(line) : `${line}  partition ${partition}, offset ${offset}`;
  if (admission.effect === "deny") {
    const reasons = admission.reasons.map(({ code, pointer, module }) =>
      [code, pointer, module === undefined ? undefined : `(${module})`].filter(Boolean).join(" "),
    );
    return `${name}  ${screen.paint("red", "deny")}  ${shown(reasons.join(", "))}\n`;
  }
  const { key, headers, value } = admission.record;
  const lines = [
    ...admission.fields.map(({ pointer, action, by }) => `${action}  ${pointer}  (${by})`),
    `key      ${key === null ? "none" : text(key)}`,
    ...headers.map(([name, header]) => `header   ${name}: ${header === null ? "" : text(header)}`),
    `value    ${value === null ? "none (a tombstone)" : text(value)}`,
  ];
  return `${name}  ${screen.paint("green", "permit")}\n${lines.map((each) => `   ${shown(each)}\n`).join("")}`;
}
