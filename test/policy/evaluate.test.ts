import { describe, expect, it } from "vitest";
import type { Contract } from "../../src/kernel/contract.ts";
import { done } from "../../src/kernel/result.ts";
import { evaluate } from "../../src/policy/evaluate.ts";
import type { ModuleRules, PolicyModule } from "../../src/policy/module.ts";
import { compilePlan, compileWith } from "../../src/policy/plan.ts";
import {
  agreement,
  bundle,
  contract,
  decide,
  facts,
  HELIX,
  input,
  keys,
  left,
  NOW,
  node,
  number,
  partner,
  permitted,
  share,
  text,
  uses,
} from "./sample.ts";

const bytes = (content: string) => Buffer.from(content);
const simple = (changed: Partial<Contract> = {}) => contract({ a: text(share), n: number(share) }, changed);

describe("a verdict", () => {
  it("permits with what leaves, and nothing else of the record", () => {
    const record = { key: bytes("K"), headers: [["client-id", bytes("x")]] as const };
    expect(decide(simple(), '{"a":"x","b":1}', { record })).toEqual({
      effect: "permit",
      data: node('{"a":"x"}'),
      key: null,
      headers: [],
      timestamp: BigInt(NOW),
      attributes: { id: "made-id", subject: undefined, time: "2026-12-15T09:30:15Z" },
      fields: [{ pointer: "/?", action: "drop", by: "contract", count: 1 }],
    });
  });

  it("denies with all reasons together, those of the plan first, each once", () => {
    const subject = simple({
      status: "draft",
      scope: [
        { field: "/a", op: "equals", value: "other" },
        { field: "/b", op: "exists" },
      ],
      limits: { bytesMax: 10, depthMax: 4, arrayLengthMax: 3 },
    });
    expect(decide(subject, { a: "x", n: "no number" }, { record: { now: Date.UTC(2030, 0, 1) } })).toEqual({
      effect: "deny",
      reasons: [
        { code: "CONTRACT_NOT_ACTIVE" },
        { code: "AGREEMENT_EXPIRED" },
        { code: "RECORD_TOO_LARGE" },
        { code: "SCOPE_MISMATCH", module: "scope", pointer: "/a" },
        { code: "SCOPE_MISMATCH", module: "scope", pointer: "/b" },
        { code: "SCHEMA_MISMATCH", pointer: "/n" },
      ],
    });
  });

  it.each([
    [agreement().startsAt - 1, "AGREEMENT_NOT_STARTED"],
    [agreement().startsAt, undefined],
    [agreement().endsAt - 1, undefined],
    [agreement().endsAt, "AGREEMENT_EXPIRED"],
    [Number.NaN, "AGREEMENT_NOT_STARTED"],
  ])("at the time %d is refused for %s", (now, code) => {
    const verdict = decide(simple(), { a: "x" }, { record: { now } });
    expect(verdict.effect === "deny" ? verdict.reasons[0]?.code : undefined).toBe(code);
  });

  it.each([
    ['{"a":[[1]]}', "JSON_TOO_DEEP"],
    [`${"[".repeat(150)}${"]".repeat(150)}`, "JSON_TOO_DEEP"],
    ['{"x":[1,2,3,4]}', "ARRAY_TOO_LONG"],
    ['{"x":[1,2,3]}', undefined],
  ])("of %s is refused for %s", (record, code) => {
    const subject = simple({ limits: { bytesMax: 1000, depthMax: 2, arrayLengthMax: 3 } });
    const verdict = decide(subject, record);
    expect(verdict.effect === "deny" ? verdict.reasons[0]?.code : undefined).toBe(code);
  });

  it("never makes a tombstone of a value that may not leave", () => {
    const list = contract({}, { root: { ...contract({ a: text(share) }).root, check: {} } });
    for (const record of ["[1]", '"text"', "null"]) {
      expect(decide(list, record)).toEqual({
        effect: "deny",
        reasons: [{ code: "SCHEMA_MISMATCH", pointer: "" }],
      });
    }
  });

  it("is a bug with the pseudonym keys of another epoch", () => {
    expect(() =>
      evaluate(compilePlan(input(simple())), facts(node("{}")), {
        ...keys,
        pseudonyms: { ...keys.pseudonyms, epoch: 2 },
      }),
    ).toThrow("epoch");
  });
});

describe("a need-to-know condition", () => {
  const scoped = (...scope: Contract["scope"]) =>
    contract({ s: { types: ["array"], elements: { members: { id: text(share) } } } }, { scope });
  const permits = (scope: Contract["scope"][number], record: string) =>
    decide(scoped(scope), record).effect === "permit";

  it.each([
    [{ field: "/id", op: "equals", ref: "partner.id" }, `{"id":"${HELIX}"}`, true],
    [{ field: "/id", op: "equals", ref: "partner.id.local" }, '{"id":"BPNL00000007QWER"}', true],
    [{ field: "/id", op: "equals", ref: "partner.id.local" }, '{"id":"\\u0042PNL00000007QWER"}', true],
    [{ field: "/id", op: "equals", ref: "partner.id.local" }, '{"id":"bpnl00000007qwer"}', false],
    [{ field: "/id", op: "equals", ref: "partner.id.local" }, "{}", false],
    [{ field: "/id", op: "equals", ref: "partner.country" }, '{"id":"DE"}', true],
    [{ field: "/id", op: "in", ref: "partner.groups" }, '{"id":"tier-1"}', true],
    [{ field: "/id", op: "in", value: ["a", 5] }, '{"id":5.0}', true],
    [{ field: "/id", op: "in", value: ["a", 5] }, '{"id":"5"}', false],
    [{ field: "/id", op: "equals", value: ["a"] }, '{"id":["a"]}', true],
    [{ field: "/id", op: "prefix", value: "47" }, '{"id":"4711"}', true],
    [{ field: "/id", op: "prefix", value: "47" }, '{"id":4711}', false],
    [{ field: "/id", op: "prefix", value: "" }, '{"id":"x"}', false],
    [{ field: "/id", op: "exists" }, '{"id":false}', true],
    [{ field: "/id", op: "exists" }, '{"id":null}', false],
    [{ field: "/id", op: "exists" }, "{}", false],
    [{ field: "/s/*/id", op: "equals", value: "b" }, '{"s":[{"id":"a"},{"id":"b"}]}', true],
    [{ field: "/s/*/id", op: "equals", value: "b" }, '{"s":[]}', false],
    [{ field: "/id", op: "equals", ref: "agreement.parameters.absent" }, '{"id":"x"}', false],
    [{ field: "/id", op: "equals", ref: "agreement.parameters.constructor" }, '{"id":"x"}', false],
    [{ field: "/id", op: "equals", ref: "partner.secret" }, '{"id":"x"}', false],
    [{ field: "/id", op: "equals" }, '{"id":"x"}', false],
  ] as const)("%j is met by %s: %s", (rule, record, met) => {
    expect(permits(rule, record)).toBe(met);
  });

  it("is resolved from the agreement's parameters", () => {
    const subject = scoped({ field: "/id", op: "in", ref: "agreement.parameters.families" });
    const plan = { agreement: agreement({ parameters: { families: ["a", "b"] } }) };
    expect(decide(subject, { id: "b" }, { plan }).effect).toBe("permit");
    expect(decide(subject, { id: "c" }, { plan }).effect).toBe("deny");
  });

  it("sees the value as it came, not as it leaves", () => {
    const subject = contract(
      { id: text({ action: "pseudonymize" }) },
      { scope: [{ field: "/id", op: "equals", value: "x" }] },
    );
    expect(decide(subject, { id: "x" }).effect).toBe("permit");
  });

  it("of a bundle is named by the bundle's module", () => {
    const plan = { bundles: [bundle(uses("scope", [{ field: "/a", op: "equals", value: "y" }]))] };
    expect(decide(simple(), { a: "x" }, { plan })).toEqual({
      effect: "deny",
      reasons: [{ code: "SCOPE_MISMATCH", module: "infosec/scope", pointer: "/a" }],
    });
  });
});

describe("a tombstone", () => {
  const tombstone = (subject: Contract, key: Buffer | null) =>
    decide(subject, undefined, { record: { key } });

  it("leaves with its key, and without data", () => {
    expect(permitted(tombstone(simple({ key: { action: "share" } }), bytes("K")))).toMatchObject({
      data: undefined,
      key: bytes("K"),
      fields: [],
    });
  });

  it.each([
    [{ action: "drop" } as const, bytes("K")],
    [{ action: "share" } as const, null],
    [{ action: "pseudonymize" } as const, null],
    [{ from: "pointer", pointer: "/a" } as const, bytes("K")],
  ])("under the key rule %j and with the key %s is denied", (key, given) => {
    expect(tombstone(simple({ key }), given)).toEqual({
      effect: "deny",
      reasons: [{ code: "TOMBSTONE_WITHOUT_KEY" }],
    });
  });

  it("is about nobody, so that it meets no condition", () => {
    const subject = simple({ key: { action: "share" }, scope: [{ field: "/a", op: "exists" }] });
    expect(tombstone(subject, bytes("K"))).toEqual({
      effect: "deny",
      reasons: [{ code: "SCOPE_MISMATCH", module: "scope", pointer: "/a" }],
    });
  });

  it.each([
    ["pass", "permit"],
    ["scoped", "deny"],
    ["deny", "deny"],
  ] as const)("under a condition and the rule %s: %s", (tombstones, effect) => {
    const scope = [{ field: "/a", op: "exists" }] as const;
    const subject = simple({ scope, tombstones, key: { action: "share" } });
    expect(tombstone(subject, bytes("K")).effect).toBe(effect);
  });

  it("does not leave where the contract lets none leave", () => {
    const subject = simple({ tombstones: "deny", key: { action: "share" } });
    expect(tombstone(subject, bytes("K"))).toEqual({
      effect: "deny",
      reasons: [{ code: "TOMBSTONE_DENIED" }],
    });
  });

  it("has no field to make a subject of", () => {
    const { event } = contract({});
    const subject = simple({
      key: { action: "share" },
      event: { ...event, subject: { from: "pointer", pointer: "/a" } },
    });
    expect(permitted(tombstone(subject, bytes("K"))).attributes.subject).toBeUndefined();
  });
});

it("empty data is no tombstone", () => {
  expect(left(decide(simple(), "{}"))).toBe("{}");
});

describe("the age of a record", () => {
  const day = 86_400_000;
  const rules: ModuleRules = { age: { leastMs: day, mostMs: 3 * day } };
  const module: PolicyModule = {
    name: "age",
    version: "1",
    settingsSchema: {},
    describe: "",
    compile: () => done(rules),
  };
  const plan = compileWith(
    input(simple(), { bundles: [bundle(uses("age", {}))] }),
    new Map([["age", module]]),
  );

  it.each([
    [BigInt(NOW), "TOO_FRESH"],
    [BigInt(NOW - day + 1), "TOO_FRESH"],
    [BigInt(NOW - day), undefined],
    [BigInt(NOW - 3 * day), undefined],
    [BigInt(NOW - 3 * day - 1), "TOO_OLD"],
    [-1n, "TOO_FRESH"],
  ])("with the timestamp %s: %s", (timestamp, code) => {
    const verdict = evaluate(plan, facts(node("{}"), { timestamp }), keys);
    expect(verdict.effect === "deny" ? verdict.reasons[0]?.code : undefined).toBe(code);
  });

  it("is not known without a timestamp, so that it is neither enough nor little enough", () => {
    const verdict = evaluate(plan, facts(node("{}"), { timestamp: -1n }), keys);
    expect(verdict).toMatchObject({ reasons: [{ code: "TOO_FRESH" }, { code: "TOO_OLD" }] });
  });
});

describe("an event's id", () => {
  const enc = { kid: "k1", use: "enc", jwk: { kty: "OKP", crv: "X25519", x: "AA" } } as const;
  const withKey = { plan: { partner: partner({ card: { ...partner().card, keys: [enc] } }) } };
  const secret = { action: "encrypt", keyRole: "q" } as const;
  const named = (pointer: string) => ({
    event: { ...contract({}).event, id: { from: "pointer" as const, pointer } },
  });

  it("of a field is what ciphertexts are bound to", () => {
    const subject = contract({ id: text(share), s: text(secret) }, named("/id"));
    const verdict = permitted(decide(subject, { id: "I-1", s: "x" }, withKey));
    expect(verdict.attributes.id).toBe("I-1");
    expect(left(verdict)).toContain("/s I-1 q");
  });

  it("is not made for a record that does not leave", () => {
    const madeId = (): string => {
      throw new Error("An id was made for nothing.");
    };
    const plan = compilePlan(input(simple({ scope: [{ field: "/a", op: "exists" }] })));
    expect(evaluate(plan, facts(node("{}"), { madeId }), keys).effect).toBe("deny");
    expect(() => evaluate(plan, facts(node('{"a":"x"}'), { madeId }), keys)).toThrow();
  });

  it("is never a ciphertext, which would be bound to itself", () => {
    const subject = contract({ s: text(secret) }, named("/s"));
    const verdict = permitted(decide(subject, { s: "x" }, withKey));
    expect(verdict.attributes.id).toBe("made-id");
    expect(left(verdict)).toContain("/s made-id q");
  });
});
