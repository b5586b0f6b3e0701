import { describe, expect, test } from "vitest";
import type { FrameSummary } from "../../src/audit/frame-summary.ts";
import { reconcile } from "../../src/audit/reconcile.ts";
import { type Beginning, beginningIn, rootsOf } from "../../src/audit/segments.ts";
import { chainName, genesis, genesisAnew } from "../../src/kernel/chain.ts";
import { digestOfBytes } from "../../src/kernel/digest.ts";

const AGREEMENT = "8f5d1c2a";
const REPLAY = "aa11bb22-0000-4000-8000-000000000000";
const digest = (text: string): string => digestOfBytes(Buffer.from(text));
const live = genesis(AGREEMENT, 0);
const anew = genesisAnew(AGREEMENT, "r", 0);
const again = genesis(chainName(AGREEMENT, REPLAY), 0);
const TIME = "2026-12-15T12:00:00.000Z";
const RESET: Beginning = { reset: TIME, partition: 0, start: anew };

const frame = (name: string, previous: string, sequence: number, count = 10): FrameSummary => ({
  partition: 0,
  sequence,
  count,
  frame: digest(name),
  body: digest(`body of ${name}`),
  previous,
  time: TIME,
});
const a = frame("a", live, 0);
const b = frame("b", a.frame, 10);
/** The copy held 15 records. */
const c = frame("c", anew, 15);
const d = frame("d", c.frame, 25);
const once = frame("once", again, 0);
const namesOf = (...logs: Parameters<typeof reconcile>) =>
  reconcile(...logs).partitions.flatMap(({ chain = "", discrepancies }) =>
    discrepancies.map(({ name }) => `${chain.slice(0, 6)} ${name}`),
  );

describe("logs with resets and replays", () => {
  test("agree, each chain in itself", () => {
    const all = [a, once, b, c, d];
    const { agreed, partitions } = reconcile(AGREEMENT, all, all, [{ replay: REPLAY }, RESET]);
    expect(agreed).toBe(true);
    expect(partitions.map(({ chain, subscriber: { frames, records } }) => [chain, frames, records])).toEqual([
      [undefined, 2, 20],
      ["replay aa11bb22", 1, 10],
      [`reset ${TIME}`, 2, 20],
    ]);
  });

  test("agree where the subscriber's own log was lost with its Kafka", () => {
    expect(reconcile(AGREEMENT, [a, b, c, d], [c, d], [RESET]).agreed).toBe(true);
  });

  test("agree while a replay has frames under way", () => {
    const { partitions } = reconcile(AGREEMENT, [a, once], [a], [{ replay: REPLAY }]);
    expect(
      partitions.map(({ chain, publisher: { inFlight }, discrepancies }) => [chain, inFlight, discrepancies]),
    ).toEqual([
      [undefined, 0, []],
      ["replay aa11bb22", 1, []],
    ]);
  });

  test("do not agree on a chain that began where nobody's log says so", () => {
    expect(namesOf(AGREEMENT, [a, b, c, d], [a, b, c, d], [])).toContain(" chain-broken");
    expect(namesOf(AGREEMENT, [a, once], [a, once], [])).not.toEqual([]);
  });

  test("still show what is wrong inside a chain", () => {
    const gap = frame("d", c.frame, 26);
    expect(namesOf(AGREEMENT, [a, c, gap], [a, c, gap], [RESET])).toEqual(["reset  sequence-gap"]);
    expect(namesOf(AGREEMENT, [a, c], [a, c, d], [RESET])).toEqual(["reset  missing-at-publisher"]);
    const late = frame("late", again, 5);
    expect(namesOf(AGREEMENT, [late], [late], [{ replay: REPLAY }])).toEqual(["replay sequence-gap"]);
  });

  test("end where frames name each other in a ring", () => {
    const one = frame("one", digest("two"), 0);
    const two = frame("two", digest("one"), 0);
    const roots = rootsOf([one, two], new Map([[anew, anew]]), live);
    expect([roots.get(one.previous), roots.get(two.previous)]).toEqual([live, live]);
  });
});

describe("the beginnings that a log knows", () => {
  const act = { kind: "act", time: TIME, actor: "operator", agreement: AGREEMENT } as const;
  test.each([
    ["a reset of a partition", { ...act, act: "link.reset", partition: 0, digest: anew }, RESET],
    ["a replay that began", { ...act, act: "replay.begun", replay: REPLAY }, { replay: REPLAY }],
    [
      "a reset of another agreement",
      { ...act, agreement: "x", act: "link.reset", partition: 0, digest: anew },
      undefined,
    ],
    ["another act", { ...act, act: "link.paused", partition: 0, digest: anew }, undefined],
    ["a reset without a place", { ...act, act: "link.reset" }, undefined],
  ])("are found in %s", (_, decision, expected) => {
    expect(beginningIn(decision, AGREEMENT)).toEqual(expected);
  });
});
