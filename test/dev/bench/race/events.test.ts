import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { demandEvent, demandEvents, meanBytes, numberOf } from "../../../../dev/bench/race/events.ts";

const schemaFile = new URL(
  "../../../../dev/bench/race/contracts/full-policy/payload.schema.json",
  import.meta.url,
);
const ajv = new Ajv2020();
formats.default(ajv);
const isDemand = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")));

describe.each([100, 1_000, 10_000, 100_000])("events of %d bytes", (bytes) => {
  const events = demandEvents(bytes);

  test("are as large on average, to a twentieth", () => {
    expect(Math.abs(meanBytes(events) / bytes - 1)).toBeLessThan(0.05);
  });
  test("differ all", () => expect(new Set(events).size).toBe(events.length));
  test("are the same each time", () => expect(demandEvent(17, bytes)).toBe(events[17]));
  test("keep the schema", () => {
    for (const event of events.slice(0, 200)) expect(isDemand(JSON.parse(event)), event).toBe(true);
  });
  test("can be told by their number", () => {
    expect(numberOf(Buffer.from(events[17] ?? ""))).toBe(17);
    expect(numberOf(Buffer.from(demandEvent(1_234_567, bytes)))).toBe(1_234_567);
  });
});

test("there are 4,000 of 1 KB, and no more than a tool can hold of large ones", () => {
  expect([1_000, 100_000].map((bytes) => demandEvents(bytes).length)).toEqual([4_000, 400]);
});

test("no number is seen in what is none of ours", () => {
  expect(numberOf(Buffer.from('{"part":"4712-1"}'))).toBeUndefined();
});
