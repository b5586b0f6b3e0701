import { describe, expect, test } from "vitest";
import { readReplicaLine } from "../../../src/cli/decrypt/replica-line.ts";
import type { JsonNode } from "../../../src/kernel/json.ts";
import { writeJson } from "../../../src/kernel/strict-json.ts";

const NEW: JsonNode = { kind: "literal", raw: "true" };
const HEADERS = '[["ce_id","e-1"],["x",null],["ce_meshagreement","a-1"]]';

interface Case {
  readonly what: string;
  readonly line: string;
  readonly agreement: string | undefined;
  readonly eventId: string | undefined;
  readonly data: string;
  readonly changed: string;
}
const CASES: readonly Case[] = [
  {
    what: "a record in binary mode",
    line: `{"key":null, "value":{"id":"no","data":1E+3},"headers":${HEADERS},"more":0.10}`,
    agreement: "a-1",
    eventId: "e-1",
    data: '{"id":"no","data":1E+3}',
    changed: `{"key":null,"value":true,"headers":${HEADERS},"more":0.10}`,
  },
  {
    what: "a record in structured mode",
    line: '{"value":{"id":"e-2","data":{"n":1},"z":2},"headers":[["ce_meshagreement","a-1"]]}',
    agreement: "a-1",
    eventId: "e-2",
    data: '{"n":1}',
    changed: '{"value":{"id":"e-2","data":true,"z":2},"headers":[["ce_meshagreement","a-1"]]}',
  },
  {
    what: "a line of the console consumer",
    line: 'Partition:0\tce_id:e-1,ce_meshorigin:urn:x-a:1,ce_meshagreement:a-1\tkey\t{"n":1}',
    agreement: "a-1",
    eventId: "e-1",
    data: '{"n":1}',
    changed: "Partition:0\tce_id:e-1,ce_meshorigin:urn:x-a:1,ce_meshagreement:a-1\tkey\ttrue",
  },
  {
    what: "a value alone",
    line: '{"n":1}',
    agreement: undefined,
    eventId: undefined,
    data: '{"n":1}',
    changed: "true",
  },
  {
    what: "a tombstone",
    line: `{"value":null,"headers":${HEADERS}}`,
    agreement: "a-1",
    eventId: "e-1",
    data: "null",
    changed: `{"value":true,"headers":${HEADERS}}`,
  },
  {
    what: "a record with an id twice",
    line: '{"value":1,"headers":[["ce_id","1"],["ce_id","2"]]}',
    agreement: undefined,
    eventId: undefined,
    data: "1",
    changed: '{"value":true,"headers":[["ce_id","1"],["ce_id","2"]]}',
  },
  {
    what: "a record with headers that are none",
    line: '{"value":1,"headers":[["ce_id"],"ce_id",["ce_meshagreement",null]]}',
    agreement: undefined,
    eventId: undefined,
    data: "1",
    changed: '{"value":true,"headers":[["ce_id"],"ce_id",["ce_meshagreement",null]]}',
  },
];

describe("a line of a replica topic", () => {
  test.each(CASES)("is read as $what", ({ line, agreement, eventId, data, changed }) => {
    const read = readReplicaLine(line);
    expect(read).toMatchObject({ ok: true, value: { agreement, eventId } });
    expect(read.ok && [writeJson(read.value.data), read.value.write(NEW)]).toEqual([data, changed]);
  });

  test.each(["{", "text", 'ce_id:e-1\t{"n":1', '{"value":1,"value":2}'])("is refused: %s", (line) => {
    expect(readReplicaLine(line)).toMatchObject({ ok: false });
  });
});
