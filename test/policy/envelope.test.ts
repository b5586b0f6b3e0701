import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AttributeOrigin, Contract } from "../../src/kernel/contract.ts";
import type { Json } from "../../src/kernel/json.ts";
import type { RecordFacts } from "../../src/policy/evaluate.ts";
import { contract, decide, HELIX, keys, NOW, number, permitted, share, text } from "./sample.ts";

const bytes = (content: string) => Buffer.from(content);
const fields = {
  a: text(share),
  hidden: text({ action: "drop" }),
  alias: text({ action: "pseudonymize" }),
  day: text({ action: "truncate-date", to: "day" }),
  n: number({ action: "round", multiple: 10, mode: "half-even" }),
  list: { types: ["array"], elements: text(share) },
} as const;

const leaving = (changed: Partial<Contract>, data: Json, record: Partial<RecordFacts> = {}) =>
  permitted(decide(contract(fields, changed), data, { record }));

const pseudonymOf = (value: string, domain: string) =>
  createHmac("sha256", keys.pseudonyms.key(HELIX, domain)).update(value).digest("base64url").slice(0, 22);

describe("the key that leaves", () => {
  const keyOf = (key: Contract["key"], data: Json, given: string | null = "K-1") =>
    leaving({ key }, data, { key: given === null ? null : bytes(given) }).key?.toString() ?? null;

  it("is none unless the contract says otherwise", () => {
    expect(leaving({}, {}, { key: bytes("K") }).key).toBeNull();
  });

  it("is the record's own when it is shared, and a pseudonym of its bytes", () => {
    expect(keyOf({ action: "share" }, {})).toBe("K-1");
    expect(keyOf({ action: "pseudonymize" }, {})).toBe(pseudonymOf("K-1", "key"));
    expect(keyOf({ action: "pseudonymize" }, {}, null)).toBeNull();
  });

  it("of a field is the field as it leaves", () => {
    const at = (pointer: string) =>
      keyOf({ from: "pointer", pointer }, { a: "x", hidden: "h", alias: "y", n: 14, list: ["p", "q"] });
    expect([
      at("/a"),
      at("/hidden"),
      at("/n"),
      at("/list/1"),
      at("/list/*"),
      at("/list"),
      at("/absent"),
    ]).toEqual(["x", null, "10", "q", null, null, null]);
    expect(at("/alias")).toBe(pseudonymOf("y", "/alias"));
  });
});

describe("headers", () => {
  it("leave by exact name only, in their order and number", () => {
    const headers = [
      ["Trace", bytes("1")],
      ["trace", bytes("2")],
      ["__connect.errors.topic", bytes("x")],
      ["trace", null],
    ] as const;
    expect(leaving({ headers: ["trace"] }, {}, { headers }).headers).toEqual([
      ["trace", bytes("2")],
      ["trace", null],
    ]);
  });
});

describe("the timestamp", () => {
  it("leaves truncated in UTC, and so does the time made of it", () => {
    const verdict = leaving(
      { timestamp: { action: "truncate-date", to: "hour" } },
      {},
      { timestamp: BigInt(NOW) },
    );
    expect(verdict.timestamp).toBe(BigInt(Date.UTC(2026, 11, 15, 9)));
    expect(verdict.attributes.time).toBe("2026-12-15T09:00:00Z");
  });

  it.each([-1n, 10n ** 18n])("that is none (%s) is none after truncation, and makes no time", (timestamp) => {
    const verdict = leaving({ timestamp: { action: "truncate-date", to: "year" } }, {}, { timestamp });
    expect([verdict.timestamp, verdict.attributes.time]).toEqual([-1n, undefined]);
    expect(leaving({}, {}, { timestamp }).attributes.time).toBeUndefined();
  });
});

describe("attributes", () => {
  const event = {
    id: "e-1",
    source: "urn:secret-host",
    type: "t",
    subject: "s-1",
    time: "2026-12-15T09:59:59+01:00",
    data: undefined,
  };
  const from = (
    name: "id" | "subject" | "time",
    origin: AttributeOrigin,
    data: Json = {},
    changed: Partial<Contract> = {},
  ) =>
    leaving({ ...changed, event: { ...contract({}).event, [name]: origin } }, data, {
      event,
      headers: [
        ["h", bytes("v")],
        ["twice", bytes("1")],
        ["twice", bytes("2")],
        ["null", null],
        ["binary", Buffer.from([0xff])],
        ["empty", bytes("")],
      ],
    }).attributes[name];
  const at = (pointer: string): AttributeOrigin => ({ from: "pointer", pointer });
  const header = (name: string): AttributeOrigin => ({ from: "header", name });

  it("are the event's own only where the contract says so", () => {
    expect([from("id", { from: "auto" }), from("id", { from: "event" })]).toEqual(["made-id", "e-1"]);
    expect([from("subject", { from: "none" }), from("subject", { from: "event" })]).toEqual([
      undefined,
      "s-1",
    ]);
    expect([from("time", { from: "none" }), from("time", { from: "event" })]).toEqual([
      undefined,
      event.time,
    ]);
  });

  it("from a field are what leaves of it", () => {
    const data = { a: "x", hidden: "secret", alias: "y", n: 14, list: ["p"], day: "2026-11-22T10:00:00Z" };
    const subject = (pointer: string) => from("subject", at(pointer), data);
    expect([subject("/a"), subject("/hidden"), subject("/n"), subject("/list"), subject("/list/*")]).toEqual([
      "x",
      undefined,
      "10",
      undefined,
      "p",
    ]);
    expect(from("id", at("/alias"), data)).toBe(pseudonymOf("y", "/alias"));
    expect(from("time", at("/day"), data)).toBe("2026-11-22T00:00:00Z");
    expect(from("time", at("/a"), data)).toBeUndefined();
    expect(from("subject", at("/a"), { a: "" })).toBeUndefined();
  });

  it("from a header are its text, where it stands there once", () => {
    const names = ["h", "twice", "null", "binary", "empty", "absent"];
    expect(names.map((name) => from("subject", header(name)))).toEqual([
      "v",
      ...names.slice(1).map(() => undefined),
    ]);
  });

  it("say no more of the time than the timestamp may", () => {
    const timestamp = { action: "truncate-date", to: "hour" } as const;
    expect(from("time", { from: "event" }, {}, { timestamp })).toBe("2026-12-15T09:00:00+01:00");
    expect(from("time", header("h"))).toBeUndefined();
  });
});
