import type { ActDecision, Decision, FrameDecision } from "../kernel/decision.ts";
import type { Screen } from "./context.ts";
import { tableText } from "./table.ts";

/** So many reasons and changes are told of one decision; `-o json` has all. */
const WHY_MAX = 6;

const COLUMNS = [
  {
    head: "decision",
    cell: (decision: Decision) => (decision.kind === "act" ? "" : decisionId(decision)),
  },
  { head: "time", cell: ({ time }: Decision) => time },
  { head: "partner", cell: ({ partner }: Decision) => partner ?? "" },
  {
    head: "contract",
    cell: ({ contract }: Decision) =>
      typeof contract === "object" ? `${contract.name}@${contract.version}` : (contract ?? ""),
  },
  { head: "what", cell: (decision: Decision) => (decision.kind === "act" ? decision.act : whatOf(decision)) },
  {
    head: "why",
    cell: (decision: Decision) => (decision.kind === "act" ? wordsOf(decision) : whyOf(decision)),
  },
];

/** Decisions for people, one a line. */
export const decisionTable = (decisions: readonly Decision[], screen: Pick<Screen, "paint">): string =>
  decisions.length === 0 ? "none\n" : tableText(COLUMNS, decisions, screen);

const ID_DIGITS = 16;

/** What people call a decision on a frame: the first digits of the frame's digest. Acts have no such name. */
export const decisionId = ({ frame }: Pick<FrameDecision, "frame">): string =>
  frame.slice(frame.indexOf(":") + 1).slice(0, ID_DIGITS);

const whatOf = ({ partition, sequence, count, summary }: FrameDecision): string => {
  const records = count === 0 ? "no records" : `records ${sequence}–${sequence + count - 1}`;
  const denied = summary === undefined || summary.denied === 0 ? "" : `, ${summary.denied} denied`;
  return `partition ${partition}: ${records}${denied}`;
};

/** Who did it, and the words given. */
const wordsOf = ({ actor, code, note }: ActDecision): string =>
  [actor, code, note].filter(Boolean).join(": ");

/** Why records stayed, then what was changed in those that left: with how often, the most frequent first. */
function whyOf({ summary }: FrameDecision): string {
  const codes = new Map<string, number>();
  for (const { reasons } of summary?.denials ?? [])
    for (const { code } of reasons) codes.set(code, (codes.get(code) ?? 0) + 1);
  const changes = Object.entries(summary?.fields ?? {}).flatMap(([pointer, actions]) =>
    Object.entries(actions).flatMap(([action, times]) =>
      action === "share" ? [] : [[`${pointer} ${action}`, times] as const],
    ),
  );
  const all = [...byTimes([...codes]), ...byTimes(changes)].map(([what, times]) => `${what} ×${times}`);
  const more = all.length > WHY_MAX ? ` and ${all.length - WHY_MAX} more` : "";
  return `${all.slice(0, WHY_MAX).join(", ")}${more}`;
}

const byTimes = (rows: readonly (readonly [what: string, times: number])[]) =>
  rows.toSorted(([, a], [, b]) => b - a);
