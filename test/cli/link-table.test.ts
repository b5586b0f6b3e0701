import { describe, expect, test } from "vitest";
import { linkTable } from "../../src/cli/link-table.ts";
import type { JsonMembers } from "../../src/kernel/json.ts";

const screen = { paint: (_style: string, text: string) => text };
const link: JsonMembers = {
  agreement: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
  replay: null,
  side: "publisher",
  partner: "helix",
  contract: "material-demand@2.1.0",
  state: "serving",
  code: "",
  detail: "",
  since: "2026-11-22T10:37:12.000Z",
  lagRecords: 1_234_567,
  lagSeconds: 12.3,
  uncommitted: null,
  halted: [],
  lastError: null,
  recordsPerSecond: 50_000.4,
  bytesPerSecond: 54_321_000,
  records: 123_456_789,
  denied: 17,
  shadowDenied: 0,
};
const linesOf = (...rows: readonly JsonMembers[]) => linkTable(rows, screen).trimEnd().split("\n");

describe("the table of links", () => {
  test("has a line a link, which a screen of 120 columns holds", () => {
    const waiting = { ...link, side: "subscriber", state: "connecting", lagRecords: null, lagSeconds: null };
    const [head = "", out = "", back = ""] = linesOf(link, waiting);
    expect(Math.max(head.length, out.length, back.length)).toBeLessThanOrEqual(120);
    expect(out.split(/ {2,}/)).toEqual([
      "8f5d1c2a",
      "out",
      "helix",
      "material-demand@2.1.0",
      "serving",
      "1234567, 12.3 s",
      "50000/s 54.3 MB/s",
      "123456789",
      "17",
    ]);
    expect(back.split(/ {2,}/).slice(1, 5)).toEqual(["in", "helix", "material-demand@2.1.0", "connecting"]);
  });

  test("says below it which partitions are this process's, where others have the rest", () => {
    const [, , , ...notes] = linesOf({ ...link, partitions: [0, 3] }, { ...link, partitions: null });
    expect(notes).toEqual(["8f5d1c2a  this process has partitions 0 3"]);
  });

  test("says below it what is wrong now: the link's code, and the partitions that halted", () => {
    const halted = {
      partition: 3,
      code: "SOURCE_CORRUPT",
      side: "publisher",
      since: "2026-11-22T10:38:00.000Z",
    };
    const [, , ...notes] = linesOf({
      ...link,
      code: "LINK_PAUSED",
      detail: "Paused here: Audit.",
      halted: [halted],
    });
    expect(notes).toEqual([
      "8f5d1c2a  LINK_PAUSED: Paused here: Audit.",
      "8f5d1c2a  partition 3 halted at the publisher since 2026-11-22T10:38:00.000Z: SOURCE_CORRUPT",
    ]);
  });

  test("says what went wrong last only where nothing is wrong now", () => {
    const lastError = { code: "KAFKA_UNAVAILABLE", detail: "Away.", at: "2026-11-22T10:00:00.000Z" };
    expect(linesOf({ ...link, lastError }).at(-1)).toBe(
      "8f5d1c2a  last error at 2026-11-22T10:00:00.000Z: KAFKA_UNAVAILABLE",
    );
    expect(linesOf({ ...link, lastError, code: "KAFKA_UNAVAILABLE", detail: "Away." })).toHaveLength(3);
  });

  test("lets nobody's words steer the terminal", () => {
    const evil = "\u001b[2J\u009b2J\u202e";
    const [halted, lastError] = [
      [{ partition: 0, code: evil, side: evil, since: evil }],
      { at: evil, code: evil },
    ];
    for (const row of [
      { code: evil, detail: evil, halted },
      { lastError },
      { agreement: evil, partitions: [evil] },
    ])
      expect(linkTable([{ ...link, ...row }], screen)).not.toMatch(/[^\P{C}\n]/u);
  });

  test("names a replay, and rates as they are small", () => {
    const replay = { ...link, replay: "aa11bb22-0000", recordsPerSecond: 0.1, bytesPerSecond: 52 };
    expect(linesOf(replay)[1]).toMatch(/material-demand@2\.1\.0 replay aa11bb22 .* 0\.1\/s 0\.1 kB\/s /);
    expect(linesOf({ ...link, recordsPerSecond: 0, bytesPerSecond: 0 })[1]).toMatch(/ 0\/s /);
  });

  test("of no links says so", () => expect(linkTable([], screen)).toBe("none\n"));
});
