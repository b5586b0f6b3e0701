import { describe, expect, it } from "vitest";
import type { Contract } from "../../src/kernel/contract.ts";
import type { Json } from "../../src/kernel/json.ts";
import { writeJson } from "../../src/kernel/strict-json.ts";
import type { Verdict } from "../../src/policy/evaluate.ts";
import { contract, decide, left, number, permitted, share, text } from "./sample.ts";

/** Everything of a verdict as text, bytes as the characters that they are. */
const shown = (verdict: Verdict): string =>
  JSON.stringify(verdict, (_name, value) => {
    if (typeof value === "bigint") return String(value);
    if (value?.type === "Buffer") return Buffer.from(value.data).toString("latin1");
    return value instanceof Map ? [...value] : value;
  });

const bytes = (content: string) => Buffer.from(content);
const mark = (name: string) => `canary-${name}`;

const fields = {
  shared: text(share),
  dropped: text({ action: "drop" }),
  aliased: text({ action: "pseudonymize" }),
  day: text({ action: "truncate-date", to: "day" }),
};
const data: Json = {
  shared: mark("shared"),
  dropped: mark("dropped"),
  aliased: mark("aliased"),
  day: "2026-11-22T17:42:31Z",
  [mark("name")]: { deep: [mark("unlisted")] },
};
const record = {
  key: bytes(mark("key")),
  headers: [
    ["__connect.errors.exception.message", bytes(mark("header"))],
    ["traceparent", bytes("00-trace")],
  ],
  event: {
    id: mark("id"),
    source: mark("source"),
    type: mark("type"),
    subject: mark("subject"),
    time: "2026-11-22T17:42:31Z",
    data: undefined,
  },
} as const;

const STAYS = ["dropped", "aliased", "name", "unlisted", "key", "header", "id", "source", "type", "subject"];

describe("what may not leave", () => {
  const decideOn = (changed: Partial<Contract>) =>
    decide(contract(fields, { headers: ["traceparent"], ...changed }), data, { record });

  it("is in no part of a permit: key, headers, attributes, data, fields", () => {
    const text = shown(decideOn({ timestamp: { action: "truncate-date", to: "hour" } }));
    expect(text).toContain(mark("shared"));
    for (const name of STAYS) expect(text).not.toContain(mark(name));
    expect(text).not.toContain("17:42");
  });

  it("is in no reason of a denial, and neither is what may leave", () => {
    const text = shown(
      decideOn({
        scope: [{ field: "/shared", op: "equals", value: "someone-else" }],
        limits: { bytesMax: 1, depthMax: 16, arrayLengthMax: 100 },
        root: contract({ shared: digitsOnly }).root,
      }),
    );
    expect(text).toContain("SCHEMA_MISMATCH");
    expect(text).not.toContain("canary");
    expect(text).not.toContain("someone-else");
  });

  const digitsOnly = text(share, { check: { pattern: "^[0-9]+$" } });

  it("does not come back as a subject, an id or a key made of a field", () => {
    const { event } = contract({});
    for (const pointer of ["/dropped", "/aliased", `/${mark("name")}/deep/0`]) {
      const origin = { from: "pointer", pointer } as const;
      const verdict = decideOn({
        key: origin,
        event: { ...event, id: origin, subject: origin, time: origin },
      });
      for (const name of STAYS) expect(shown(verdict)).not.toContain(mark(name));
    }
  });
});

describe("pseudonyms", () => {
  it("of one value do not join across fields, unless the contract names one domain for both", () => {
    const subject = contract({
      a: text({ action: "pseudonymize" }),
      b: text({ action: "pseudonymize" }),
      c: text({ action: "pseudonymize", domain: "d" }),
      d: text({ action: "pseudonymize", domain: "d" }),
    });
    const { data: out } = permitted(decide(subject, { a: "x", b: "x", c: "x", d: "x" }));
    const of = (name: string) =>
      out?.kind === "object" ? writeJson(out.members.get(name)?.value ?? out) : "";
    expect(of("a")).not.toBe(of("b"));
    expect(of("c")).toBe(of("d"));
  });
});

describe("names that look alike", () => {
  it.each(['{"Shared":1}', '{"shared ":1}', '{"ѕhared":1}', '{"/shared":1}'])(
    "are other names: %s does not leave",
    (json) => {
      expect(left(decide(contract(fields), json))).toBe("{}");
    },
  );

  it("are one name when they only are spelled differently", () => {
    expect(left(decide(contract(fields), '{"\\u0064ropped":"x","sh\\u0061red":"y"}'))).toBe(
      '{"sh\\u0061red":"y"}',
    );
  });
});

describe("JSON inside a string", () => {
  it("is text: its members can't be told apart, so that it leaves whole or not at all", () => {
    const inner = JSON.stringify({ dropped: mark("dropped") });
    expect(
      left(
        decide(contract({ v: text({ action: "mask", keepFirst: 0, keepLast: 0, with: "*" }) }), { v: inner }),
      ),
    ).not.toContain("canary");
  });
});

describe("a value of another type than expected", () => {
  it("does not slip through an action for numbers", () => {
    const subject = contract({
      v: { action: { action: "round", multiple: 10, mode: "floor" } },
      w: number({ action: "null" }),
    });
    for (const value of [mark("v"), [mark("v")], { v: mark("v") }]) {
      expect(shown(decide(subject, { v: value, w: value }))).not.toContain("canary");
    }
  });

  it("does not slip through a shared field of the schema's type", () => {
    for (const value of [[mark("v")], { v: mark("v") }]) {
      expect(decide(contract({ shared: text(share) }), { shared: value }).effect).toBe("deny");
      expect(left(decide(contract({ shared: { action: share } }), { shared: value }))).toBe("{}");
    }
  });
});
