import { describe, expect, test } from "vitest";
import { encodeDecision } from "../../src/audit/decision-codec.ts";
import { frameSummaries } from "../../src/audit/frame-summary.ts";
import { type DecisionFilter, queryDecisions } from "../../src/audit/query.ts";
import { type FaultyEntry, storedDecisions } from "../../src/audit/stored-decisions.ts";
import type { Decision } from "../../src/kernel/decision.ts";
import type { StoredEntry } from "../../src/kernel/ports.ts";
import { COMPANY, FRAME, PARTNER, REFUSED, REVOKED } from "./decisions.ts";

const { summary: _, ...SUBSCRIBED } = { ...FRAME, side: "subscriber" as const, partner: "urn:x-other:1" };
const SHARED: Decision = {
  ...FRAME,
  agreement: "another",
  summary: { ...FRAME.summary, denied: 0, denials: [], fields: { "/a": { share: 1 } }, rules: {} } as never,
};
const LOG: Readonly<Record<string, Decision>> = {
  frame: FRAME,
  subscribed: SUBSCRIBED,
  shared: SHARED,
  revoked: REVOKED,
  refused: REFUSED,
};

async function* stored(decisions: readonly Decision[]): AsyncIterable<StoredEntry> {
  for (const [index, decision] of decisions.entries()) {
    yield { ...encodeDecision(decision, COMPANY), offset: BigInt(index), timestamp: 0n };
  }
  yield { key: null, value: null, offset: BigInt(decisions.length), timestamp: 0n };
}

async function found(filter: DecisionFilter) {
  const faults: FaultyEntry[] = [];
  const decisions = storedDecisions(stored(Object.values(LOG)), COMPANY, (fault) => faults.push(fault));
  const names: (string | undefined)[] = [];
  for await (const decision of queryDecisions(decisions, filter)) {
    names.push(Object.keys(LOG).find((name) => JSON.stringify(LOG[name]) === JSON.stringify(decision)));
  }
  expect(faults).toMatchObject([{ offset: 5n, fault: "foreign" }]);
  return names;
}

describe("a query", () => {
  test.each<[DecisionFilter, readonly string[]]>([
    [{}, ["frame", "subscribed", "shared", "revoked", "refused"]],
    [{ partner: PARTNER }, ["frame", "shared", "revoked"]],
    [{ contract: "material-demand" }, ["frame", "subscribed", "shared"]],
    [{ contract: FRAME.contract.digest, partner: PARTNER }, ["frame", "shared"]],
    [{ agreement: FRAME.agreement }, ["frame", "subscribed", "revoked"]],
    [{ from: Date.parse("2026-12-01T11:00:00Z") }, ["revoked", "refused"]],
    [{ until: Date.parse("2026-12-01T11:00:00Z") }, ["frame", "subscribed", "shared"]],
    [{ outcome: "permitted" }, ["frame", "subscribed", "shared"]],
    [{ outcome: "denied" }, ["frame", "refused"]],
    [{ outcome: "changed" }, ["frame"]],
    [{ outcome: "act" }, ["revoked", "refused"]],
    [{ pointer: "/supplier" }, ["frame"]],
    [{ pointer: "/a" }, ["shared"]],
    [{ rule: "infosec-baseline" }, ["frame"]],
    [{ rule: "infosec-baseline/categories" }, ["frame"]],
    [{ rule: "infosec" }, []],
    [{ rule: "scope" }, ["frame"]],
    [{ code: "SCOPE_MISMATCH" }, ["frame"]],
    [{ code: "AGREEMENT_NOT_IN_FORCE" }, ["refused"]],
    [{ kind: "frame", outcome: "denied" }, ["frame"]],
    [{ act: "agreement" }, ["revoked"]],
    [{ act: "agreement.revoked" }, ["revoked"]],
    [{ act: "agree" }, []],
  ])("for %j finds %j", async (filter, names) => {
    expect(await found(filter)).toEqual(names);
  });
});

test("summaries are of one agreement and side, and hold offsets only where the decision has them", () => {
  const all = Object.values(LOG);
  expect(frameSummaries(all, FRAME.agreement, "publisher")).toMatchObject([
    { frame: FRAME.frame, firstOffset: "1000", lastOffset: "1002", read: 3, denied: 1 },
  ]);
  const [subscribed] = frameSummaries(all, FRAME.agreement, "subscriber");
  expect(Object.keys(subscribed ?? {})).toEqual([
    "partition",
    "sequence",
    "count",
    "frame",
    "body",
    "previous",
    "time",
  ]);
});
