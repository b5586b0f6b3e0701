import { describe, expect, test } from "vitest";
import { decisionTable } from "../../src/cli/decision-table.ts";
import type { ActDecision, AdmissionSummary, FrameDecision } from "../../src/kernel/decision.ts";
import { kept } from "./kept.ts";

const SUMMARY: AdmissionSummary = {
  firstOffset: "0",
  lastOffset: "9",
  read: 10,
  permitted: 7,
  denied: 3,
  bytesIn: 1000,
  bytesOut: 500,
  fields: { "/price": { drop: 7 }, "/demand": { share: 2, round: 5 } },
  rules: {},
  denials: [
    { offset: "1", reasons: [{ code: "SCHEMA_MISMATCH", pointer: "/price" }] },
    { offset: "2", reasons: [{ code: "SCOPE_MISMATCH" }] },
    { offset: "3", reasons: [{ code: "SCOPE_MISMATCH" }] },
  ],
};
const FRAME: FrameDecision = {
  kind: "frame",
  side: "publisher",
  time: "2026-11-22T09:00:00.000Z",
  agreement: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
  contract: { id: "urn:uuid:1", name: "demand", version: "1.0.0", digest: "sha-256:0" },
  plan: "sha-256:1",
  partner: "urn:bpn:BPNL00000007QWER",
  partition: 2,
  sequence: 40,
  count: 7,
  frame: "sha-256:2",
  body: "sha-256:3",
  previous: "sha-256:4",
  summary: SUMMARY,
};
/** The cells of the first row, by their heads. */
function row(decision: FrameDecision | ActDecision) {
  const [heads = "", cells = ""] = decisionTable([decision], kept().context.out).split("\n");
  return (head: string): string => {
    const at = heads.indexOf(head);
    const width =
      head === heads.split(" ").at(-1) ? cells.length : /^\S+\s+/.exec(heads.slice(at))?.[0].length;
    return cells.slice(at, at + (width ?? 0)).trim();
  };
}

describe("the table of decisions", () => {
  test("says that there is none", () => {
    expect(decisionTable([], kept().context.out)).toBe("none\n");
  });

  test("tells a frame's records, then why: denials first, then changes, the most frequent first", () => {
    const cell = row(FRAME);
    expect(cell("what")).toBe("partition 2: records 40–46, 3 denied");
    expect(cell("why")).toBe("SCOPE_MISMATCH ×2, SCHEMA_MISMATCH ×1, /price drop ×7, /demand round ×5");
    expect(cell("contract")).toBe("demand@1.0.0");
  });

  test("begins with the name that a decision on a frame is called by; an act has none", () => {
    const frame = `sha-256:${"0123456789abcdef".repeat(4)}`;
    expect(row({ ...FRAME, frame })("decision")).toBe("0123456789abcdef");
    expect(
      row({ kind: "act", act: "x", time: "2026-11-22T09:00:00.000Z", actor: "gateway" })("decision"),
    ).toBe("");
  });

  test("tells at most six things of why, and how many more there are", () => {
    const fields = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`/f${index}`, { drop: index + 1 }]),
    );
    const why = row({ ...FRAME, summary: { ...SUMMARY, fields } })("why");
    expect(why).toBe(
      "SCOPE_MISMATCH ×2, SCHEMA_MISMATCH ×1, /f29 drop ×30, /f28 drop ×29, /f27 drop ×28, /f26 drop ×27 and 26 more",
    );
  });

  test("tells of a subscriber's frame, which has no reasons, only the records", () => {
    const { summary: _, ...received } = FRAME;
    expect(row({ ...received, side: "subscriber" })("what")).toBe("partition 2: records 40–46");
    expect(row({ ...received, count: 0 })("what")).toBe("partition 2: no records");
  });

  test("tells of an act who did it and in which words", () => {
    const cell = row({
      kind: "act",
      act: "agreement.revoked",
      time: "2026-11-22T09:00:00.000Z",
      actor: "operator",
      note: "Contract ended.",
    });
    expect([cell("what"), cell("why")]).toEqual(["agreement.revoked", "operator: Contract ended."]);
  });
});
