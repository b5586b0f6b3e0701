import { describe, expect, it } from "vitest";
import type { PolicyPlan } from "../../src/kernel/plan.ts";
import type { Screen } from "../../src/kernel/screen.ts";
import { planOf } from "./reader.ts";
import { share, text } from "./sample.ts";
import { told } from "./told.ts";

const screen: Screen = {
  by: "infosec/free-text",
  detectors: ["email"],
  words: ["anna"],
  except: [],
  outcome: "drop",
};
const plan = planOf({ a: text(share) });
const changed = (change: Partial<PolicyPlan>): PolicyPlan => ({ ...plan, ...change });

describe("what stands around the fields", () => {
  it.each<[string, Partial<PolicyPlan>, Partial<PolicyPlan>, string]>([
    ["a denial", { denials: [{ code: "COMPETITOR" }] }, {}, "denials terms widened widening: COMPETITOR → -"],
    [
      "a condition more",
      {},
      { conditions: [{ module: "scope", field: "/a", op: "exists", values: [] }] },
      "conditions terms narrowed narrowing: - → /a exists []",
    ],
    [
      "a later start",
      { validity: { from: 1, until: 9 } },
      { validity: { from: 2, until: 9 } },
      "validity/from terms narrowed narrowing: 1 → 2",
    ],
    [
      "a later end",
      { validity: { from: 1, until: 8 } },
      { validity: { from: 1, until: 9 } },
      "validity/until terms widened widening: 8 → 9",
    ],
    [
      "no least age",
      { age: { leastMs: 5, mostMs: 9 } },
      { age: { leastMs: 0, mostMs: 9 } },
      "age/leastMs terms widened widening: 5 → 0",
    ],
    [
      "no greatest age",
      { age: { leastMs: 0, mostMs: 9 } },
      { age: { leastMs: 0, mostMs: undefined } },
      "age/mostMs terms widened widening: 9 → no bound",
    ],
    [
      "a smaller limit",
      { limits: { bytesMax: 9, depthMax: 9, arrayLengthMax: 9 } },
      { limits: { bytesMax: 8, depthMax: 9, arrayLengthMax: 9 } },
      "limits/bytesMax terms narrowed narrowing: 9 → 8",
    ],
    [
      "a quota",
      {},
      { quota: { recordsPerSecond: 5 } },
      "quota/recordsPerSecond terms narrowed narrowing: no bound → 5",
    ],
    [
      "no tombstones",
      { tombstones: "pass" },
      { tombstones: "deny" },
      "tombstones terms narrowed narrowing: pass → deny",
    ],
    [
      "onward sharing",
      { onwardSharing: "forbidden" },
      { onwardSharing: "allowed" },
      "onwardSharing terms widened widening: forbidden → allowed",
    ],
    [
      "the key",
      { key: { rule: "pseudonymize" } },
      { key: { rule: "share" } },
      "key terms widened breaking: pseudonymize → share",
    ],
    [
      "no key",
      { key: { rule: "share" } },
      { key: { rule: "drop" } },
      "key terms narrowed breaking: share → drop",
    ],
    [
      "another field as key",
      { key: { rule: "pointer", pointer: "/a" } },
      { key: { rule: "pointer", pointer: "/b" } },
      "key terms changed breaking: pointer /a → pointer /b",
    ],
    [
      "a header more",
      {},
      { headers: ["traceparent"] },
      "headers/traceparent terms widened widening: drop → share",
    ],
    [
      "a header less",
      { headers: ["traceparent"] },
      {},
      "headers/traceparent terms narrowed breaking: share → drop",
    ],
    [
      "a coarser timestamp",
      {},
      { timestamp: { action: "truncate-date", to: "day" } },
      "timestamp terms narrowed narrowing: share → truncate-date day",
    ],
    [
      "weeks for months",
      { timestamp: { action: "truncate-date", to: "month" } },
      { timestamp: { action: "truncate-date", to: "iso-week" } },
      "timestamp terms changed neutral: truncate-date month → truncate-date iso-week",
    ],
    [
      "a subject",
      {},
      { event: { ...plan.event, subject: { from: "pointer", pointer: "/a" } } },
      "attributes/subject terms widened widening: none → pointer /a",
    ],
    [
      "another type",
      {},
      { event: { ...plan.event, type: "v2" } },
      "attributes/type terms neutral breaking: com.example.demand.v1 → v2",
    ],
    ["an epoch", {}, { pseudonymEpoch: 2 }, "pseudonymEpoch terms neutral neutral: 1 → 2"],
    [
      "a screen",
      {},
      { screens: [screen] },
      "screens terms narrowed narrowing: nothing is looked for → email, 1 words: drop",
    ],
    [
      "a milder screen",
      { screens: [screen] },
      { screens: [{ ...screen, outcome: "null" }] },
      "screens terms widened widening: email, 1 words: drop → email, 1 words: null",
    ],
    [
      "a screen for other things",
      { screens: [screen] },
      { screens: [{ ...screen, detectors: ["iban"] }] },
      "screens terms changed neutral: email, 1 words: drop → iban, 1 words: drop",
    ],
    [
      "words less",
      { screens: [screen] },
      { screens: [{ ...screen, words: [] }] },
      "screens terms widened widening: email, 1 words: drop → email: drop",
    ],
    [
      "an exception",
      { screens: [screen] },
      { screens: [{ ...screen, except: ["anna@example"] }] },
      "screens terms widened widening: email, 1 words: drop → email, 1 words, but 1: drop",
    ],
  ])("%s is one change", (_, old, next, line) => {
    expect(told(changed(old), changed(next))).toEqual([line]);
  });
});
