import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { decodeDecision } from "../../src/audit/decision-codec.ts";
import { journalDecisionLog } from "../../src/audit/journal-decision-log.ts";
import type { ActDecision, Decision } from "../../src/kernel/decision.ts";
import type { Journal, JournalEntry } from "../../src/kernel/ports.ts";
import { COMPANY, FRAME, REVOKED } from "./decisions.ts";

/** A journal whose appends are held until the test lets them go. */
function heldJournal() {
  const appends: { entries: readonly JournalEntry[]; settle: PromiseWithResolvers<void> }[] = [];
  const journal: Pick<Journal, "append"> = {
    append(_topic, entries) {
      const settle = Promise.withResolvers<void>();
      appends.push({ entries, settle });
      return settle.promise;
    },
  };
  return { appends, log: journalDecisionLog(journal as Journal, "_tiermesh.audit", COMPANY) };
}
const act = (note: string): ActDecision => ({ ...REVOKED, note });
const notes = (entries: readonly JournalEntry[] | undefined) =>
  entries?.map((entry) => {
    const decoded = decodeDecision(entry, COMPANY);
    return decoded.ok && decoded.value.kind === "act" ? decoded.value.note : undefined;
  });

describe("the log of decisions", () => {
  test("resolves only after the journal has them", async () => {
    const { appends, log } = heldJournal();
    let durable = false;
    const append = log.append([FRAME]).then(() => {
      durable = true;
    });
    await turn();
    expect([appends.length, durable]).toEqual([1, false]);
    appends[0]?.settle.resolve();
    await append;
    expect(durable).toBe(true);
  });

  test("writes nothing of who has lost its share of the link while it waited, and all of the others", async () => {
    const { appends, log } = heldJournal();
    let stands = true;
    const first = log.append([act("a")], () => stands);
    await turn();
    const late = log.append([act("b")], () => stands);
    const other = log.append([act("c")]);
    stands = false;
    appends[0]?.settle.resolve();
    await first;
    await expect(late).rejects.toMatchObject({ code: "LINK_REBALANCED" });
    expect(appends.map(({ entries }) => notes(entries))).toEqual([["a"], ["c"]]);
    appends[1]?.settle.resolve();
    await other;
    await expect(log.append([act("d")], () => stands)).rejects.toMatchObject({ code: "LINK_REBALANCED" });
    expect(appends).toHaveLength(2);
  });

  test("writes those of one turn together, and those that came meanwhile, in their order", async () => {
    const { appends, log } = heldJournal();
    const add = (...groups: string[][]) => groups.map((names) => log.append(names.map(act)));
    const first = add(["a"], ["b"]);
    await turn();
    const later = add(["c", "d"], ["e"]);
    await turn();
    expect(appends.map(({ entries }) => notes(entries))).toEqual([["a", "b"]]);
    appends[0]?.settle.resolve();
    await Promise.all(first);
    await turn();
    expect(appends.map(({ entries }) => notes(entries))).toEqual([
      ["a", "b"],
      ["c", "d", "e"],
    ]);
    appends[1]?.settle.resolve();
    await Promise.all(later);
  });

  test("splits a group that is too large, never one caller's decisions", async () => {
    const { appends, log } = heldJournal();
    const large = "x".repeat(300 * 1024);
    const all = [["a"], [large, large], [large], ["b"]].map((names) => log.append(names.map(act)));
    for (const expected of [1, 2, 2]) {
      await turn();
      expect(appends.at(-1)?.entries).toHaveLength(expected);
      appends.at(-1)?.settle.resolve();
    }
    await Promise.all(all);
    expect(appends).toHaveLength(3);
  });

  test("tells every caller of a group that failed, and takes the next", async () => {
    const { appends, log } = heldJournal();
    const first = log.append([act("a")]);
    await turn();
    const failing = [log.append([act("b")]), log.append([act("c")])];
    appends[0]?.settle.resolve();
    await first;
    await turn();
    appends[1]?.settle.reject(new Error("gone"));
    const outcomes = await Promise.allSettled(failing);
    expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code)).toEqual([
      "AUDIT_UNAVAILABLE",
      "AUDIT_UNAVAILABLE",
    ]);
    const next = log.append([act("d")]);
    await turn();
    appends[2]?.settle.resolve();
    await next;
    expect(notes(appends[2]?.entries)).toEqual(["d"]);
  });

  test("writes nothing for nothing", async () => {
    const { appends, log } = heldJournal();
    await log.append([] satisfies Decision[]);
    expect(appends).toHaveLength(0);
  });

  test("counts a journal that throws at once as one that failed", async () => {
    const journal: Pick<Journal, "append"> = {
      append() {
        throw new Error("closed");
      },
    };
    const log = journalDecisionLog(journal as Journal, "t", COMPANY);
    await expect(log.append([FRAME])).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    await expect(log.append([FRAME])).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
  });
});
