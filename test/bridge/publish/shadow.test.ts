import { describe, expect, test } from "vitest";
import { Shadow } from "../../../src/bridge/publish/shadow.ts";
import type { AdmissionSummary } from "../../../src/kernel/decision.ts";
import { LIMITS } from "../../../src/kernel/limits.ts";
import type { SourceBatch } from "../../../src/kernel/ports.ts";
import type { Admit } from "../../../src/mesh/admit.ts";
import { samplePlan, sampleRoute } from "../../mesh/sample-route.ts";

const plan = samplePlan({ digest: "sha-256:shadow" });
const route = sampleRoute();
const position = { partition: 0, offset: 0n, leaderEpoch: 0 };
const run: SourceBatch = {
  from: position,
  next: { ...position, offset: 9n },
  batches: [new Uint8Array(1)],
  end: 9n,
};
const RATE = LIMITS.shadow.recordsPerSecond;

const summary = (changed: Partial<AdmissionSummary>): AdmissionSummary => ({
  firstOffset: "0",
  lastOffset: "8",
  read: 9,
  permitted: 9,
  denied: 0,
  bytesIn: 0,
  bytesOut: 0,
  fields: {},
  rules: {},
  denials: [],
  ...changed,
});
const admits = (of: AdmissionSummary): Admit => {
  return () => ({ body: new Uint8Array(1), count: 1, summary: of });
};
const compare = (shadow: AdmissionSummary, inForce: AdmissionSummary, now = 0) =>
  new Shadow(plan, now).decide(admits(shadow), run, route, 0, now)?.(inForce);

describe("a shadow says", () => {
  test("how many records it would deny besides those that are denied", () => {
    const found = compare(summary({ permitted: 2, denied: 7 }), summary({ permitted: 6, denied: 3 }));
    expect(found).toEqual({ plan: "sha-256:shadow", compared: 9, denied: 4, fields: {} });
  });

  test("where another action would be applied, and how often", () => {
    const inForce = summary({ fields: { "/a": { share: 9 }, "/b": { round: 9 }, "/c": { share: 9 } } });
    const shadow = summary({
      fields: { "/a": { drop: 9 }, "/b": { round: 5, null: 4 }, "/c": { share: 9 } },
    });
    expect(compare(shadow, inForce)?.fields).toEqual({ "/a": { drop: 9 }, "/b": { null: 4 } });
  });

  test("nothing of fields of records that it would deny: they are in force more often, not otherwise", () => {
    const shadow = summary({ permitted: 4, denied: 5, fields: { "/a": { share: 4 } } });
    expect(compare(shadow, summary({ fields: { "/a": { share: 9 } } }))).toMatchObject({
      denied: 5,
      fields: {},
    });
  });

  test("so many fields and no more", () => {
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`/f${at}`, { drop: 1 }]));
    const found = compare(summary({ fields }), summary({}));
    expect(Object.keys(found?.fields ?? {})).toHaveLength(LIMITS.shadow.fieldsMax);
  });

  test("that it denies all when it fails", () => {
    const broken: Admit = () => {
      throw new TypeError("secret");
    };
    const found = new Shadow(plan, 0).decide(
      broken,
      run,
      route,
      0,
      0,
    )?.(summary({ permitted: 6, denied: 3 }));
    expect(found).toEqual({ plan: "sha-256:shadow", compared: 9, denied: 6, fields: {} });
  });

  test("of a field named like a part of a prototype what it says of every other", () => {
    const fields: AdmissionSummary["fields"] = JSON.parse('{"__proto__":{"drop":1}}');
    expect(Object.keys(compare(summary({ fields }), summary({}))?.fields ?? {})).toEqual(["__proto__"]);
  });
});

describe("a shadow decides", () => {
  test("by its own plan on the route of the stream", () => {
    const seen: unknown[] = [];
    const admit: Admit = (batch, ...rest) => {
      seen.push(batch, ...rest);
      return { body: undefined, count: 0, summary: summary({}) };
    };
    new Shadow(plan, 0).decide(admit, run, route, 5, 77);
    expect(seen).toEqual([run, { ...route, plan }, 5, 77]);
  });

  test("a slow link whole, and of a fast one as much as time allows", () => {
    const shadow = new Shadow(plan, 0);
    const decide = (now: number, read: number): boolean => {
      const found = shadow.decide(admits(summary({})), run, route, 0, now);
      found?.(summary({ read }));
      return found !== undefined;
    };
    expect(decide(0, 3 * RATE)).toBe(true);
    expect(decide(1_000, 1)).toBe(false);
    expect(decide(2_000, 1)).toBe(false);
    expect(decide(2_500, 1)).toBe(true);
    // What was not used is kept for a second and no longer.
    expect(decide(900_000, RATE + 1)).toBe(true);
    expect(decide(900_000, 1)).toBe(false);
    // A clock that is set back gives nothing away.
    expect(decide(0, 1)).toBe(false);
  });

  test("nothing of a run without batches", () => {
    const empty = { ...run, batches: [] };
    expect(new Shadow(plan, 0).decide(admits(summary({})), empty, route, 0, 0)).toBeUndefined();
  });
});

test("a difference is told once an hour, and no difference never", () => {
  const shadow = new Shadow(plan, 0);
  const none = { plan: "", compared: 9, denied: 0, fields: {} };
  expect(shadow.isToTell(none, 0)).toBe(false);
  expect(shadow.isToTell({ ...none, denied: 1 }, 0)).toBe(true);
  expect(shadow.isToTell({ ...none, fields: { "/a": { drop: 1 } } }, 3_599_999)).toBe(false);
  expect(shadow.isToTell({ ...none, fields: { "/a": { drop: 1 } } }, 3_600_000)).toBe(true);
});
