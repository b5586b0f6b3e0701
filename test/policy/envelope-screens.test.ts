import { describe, expect, it } from "vitest";
import type { Contract } from "../../src/kernel/contract.ts";
import { done } from "../../src/kernel/result.ts";
import type { Screen } from "../../src/kernel/screen.ts";
import { evaluate, type RecordFacts } from "../../src/policy/evaluate.ts";
import type { PolicyModule } from "../../src/policy/module.ts";
import { compileWith } from "../../src/policy/plan.ts";
import { bundle, contract, facts, input, keys, node, permitted, share, text, uses } from "./sample.ts";

const mail = "anna@example.com";
const bytes = (content: string) => Buffer.from(content);

function decided(outcome: Screen["outcome"], changed: Partial<Contract>, record: Partial<RecordFacts>) {
  const module: PolicyModule = {
    name: "own",
    version: "1",
    settingsSchema: {},
    describe: "",
    compile: () => done({ envelopeScreens: [{ detectors: ["email"], words: [], except: [], outcome }] }),
  };
  const plan = compileWith(
    input(contract({ a: text(share) }, changed), { bundles: [bundle(uses("own", {}))] }),
    new Map([["own", module]]),
  );
  return evaluate(plan, facts(node(`{"a":"${mail}"}`), record), keys);
}

describe("what is found in the key", () => {
  const keyOf = (outcome: Screen["outcome"], key: Contract["key"], given = mail): string | null =>
    permitted(decided(outcome, { key }, { key: bytes(given) })).key?.toString() ?? null;

  it("makes it a pseudonym or nothing", () => {
    expect(keyOf("pseudonymize", { action: "share" })).toBe(
      keyOf("drop", { action: "pseudonymize" }, "x") && keyOf("pseudonymize", { action: "pseudonymize" }),
    );
    expect(keyOf("drop", { action: "share" })).toBeNull();
    expect(keyOf("null", { action: "pseudonymize" })).toBeNull();
    expect(keyOf("drop", { action: "share" }, "K-1")).toBe("K-1");
  });

  it("denies, by the rule and without a pointer", () => {
    expect(decided("deny", { key: { action: "share" } }, { key: bytes(mail) })).toEqual({
      effect: "deny",
      reasons: [{ code: "SCREENED", module: "infosec/own" }],
    });
  });

  it("is not looked for where the key stays, or is a field that has its own rules", () => {
    for (const key of [{ action: "drop" }, { from: "pointer", pointer: "/a" }] as const)
      expect(decided("deny", { key }, { key: bytes(mail) }).effect).toBe("permit");
  });

  it("makes no tombstone that nobody could place", () => {
    const record = { key: bytes(mail), data: undefined };
    expect(decided("drop", { key: { action: "share" } }, record)).toMatchObject({
      reasons: [{ code: "TOMBSTONE_WITHOUT_KEY" }],
    });
  });
});

describe("what is found in headers and attributes", () => {
  it("takes the header away, where it would leave", () => {
    const headers = [
      ["trace", bytes(mail)],
      ["trace", bytes("1")],
      ["other", bytes(mail)],
    ] as const;
    const verdict = permitted(decided("pseudonymize", { headers: ["trace"] }, { headers }));
    expect(verdict.headers.map(([, value]) => String(value))).toEqual(["1"]);
    expect(decided("deny", {}, { headers }).effect).toBe("permit");
    expect(decided("deny", { headers: ["other"] }, { headers }).effect).toBe("deny");
  });

  it("takes the attribute away, from a header or the event; an id is made anew", () => {
    const rules = contract({}).event;
    const event = { id: mail, source: "/s", type: "t", subject: mail, time: undefined, data: node("{}") };
    const fromEvent = { ...rules, id: { from: "event" }, subject: { from: "event" } } as const;
    const subjectOf = { ...rules, subject: { from: "header", name: "who" } } as const;
    expect(permitted(decided("drop", { event: fromEvent }, { event })).attributes).toMatchObject({
      id: "made-id",
      subject: undefined,
    });
    expect(decided("deny", { event: fromEvent }, { event }).effect).toBe("deny");
    const headers = [["who", bytes(mail)]] as const;
    expect(permitted(decided("drop", { event: subjectOf }, { headers })).attributes.subject).toBeUndefined();
    expect(permitted(decided("drop", {}, { event, headers })).attributes.id).toBe("made-id");
  });
});
