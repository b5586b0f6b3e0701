import { describe, expect, it } from "vitest";
import { placeText } from "../../src/policy/explain-sources.ts";
import { demanding, explain, subject } from "./explained.ts";
import { agreement, contract, partner, share, text } from "./sample.ts";

describe("what holds for every record", () => {
  const termsOf = ({ terms }: ReturnType<typeof explain>) =>
    Object.fromEntries(
      terms.map(({ name, detail, by, where }) => [name, [detail, by, ...where.map(placeText)].join(" | ")]),
    );

  it("is the contract's where no rule narrows it", () => {
    expect(termsOf(explain(subject))).toEqual({
      valid: "at any time | agreement",
      "record size": "at most 65,536 bytes | contract | contract.odcs.yaml#mesh.limits:9",
      "record depth": "at most 16 levels | contract | contract.odcs.yaml#mesh.limits:9",
      "array length": "at most 100 elements | contract | contract.odcs.yaml#mesh.limits:9",
      "record age": "any | contract",
      quota: "none | agreement",
      tombstones: expect.stringContaining("no need-to-know condition would have to be proven | contract"),
      "onward sharing": expect.stringContaining("| contract | contract.odcs.yaml#mesh.onwardSharing:9"),
      encryption: "the partner's card has no key for it: fields to be encrypted stay | card",
      pseudonyms: expect.stringContaining("| keys/pseudonym-epoch"),
    });
  });

  it("is a bundle's or the agreement's where that narrows it", () => {
    const bound = demanding({
      limits: { depthMax: 3 },
      age: { leastMs: 172_800_000, mostMs: 90_000 },
      quota: { alarmRecordsPerHour: 1000 },
      validity: { until: Date.UTC(2027, 0, 1) },
      tombstones: "deny",
      conditions: [{ field: "/a", op: "in", values: ["x", "y"] }],
    });
    expect(termsOf(bound)).toMatchObject({
      "record depth": "at most 3 levels | infosec/odd | policies/infosec.yaml:11",
      "array length": "at most 100 elements | contract | contract.odcs.yaml#mesh.limits:9",
      "record age":
        "not before it is 2 days old, and not when it is more than 90 seconds old | infosec/odd | policies/infosec.yaml:11",
      quota: "an alarm above 1,000 records an hour | infosec/odd | policies/infosec.yaml:11",
      valid:
        "from 2026-12-01T00:00:00.000Z until 2027-01-01T00:00:00.000Z | infosec/odd | policies/infosec.yaml:11",
      tombstones: "no deletions leave | infosec/odd | policies/infosec.yaml:11",
      "only records": 'whose /a in "x" or "y" | infosec/odd | policies/infosec.yaml:11',
    });
    const rated = explain(subject, { agreement: agreement({ quota: { recordsPerSecond: 5 } }) });
    expect(termsOf(rated).quota).toBe("5 records a second | agreement | agreement.yaml#:20");
  });

  it("holds conditions of the contract, also one that nothing can meet", () => {
    const scoped = contract(
      { a: text(share) },
      { scope: [{ field: "/a", op: "equals", ref: "partner.country" }] },
    );
    const nowhere = explain(scoped, { partner: partner({ country: undefined }) });
    expect(termsOf(nowhere)["only records"]).toBe(
      "whose /a equals what this partner has none of: nothing meets it | contract | contract.odcs.yaml#mesh.scope:9",
    );
  });
});
