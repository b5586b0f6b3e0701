import type { JsonMembers } from "../../kernel/json.ts";
import { type Command, FOLDER, JSON_SWITCH } from "../command.ts";
import { shown } from "../context.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT } from "../refusal.ts";

const REASON = { flags: "--reason <text>", text: "why; it stands in the audit log" } as const;

/** Act → how it is called. One row each: all of them are one request. */
const ACTS = [
  { act: "approve", summary: "Sign a partner's request: its stream begins.", options: [] },
  { act: "suspend", summary: "Stop an agreement's stream until it is resumed.", options: [REASON] },
  {
    act: "resume",
    summary: "Let a suspended agreement's stream, or a paused link, go on; one that waits tries again now.",
    options: [],
  },
  {
    act: "revoke",
    summary: "End an agreement for good: its stream is cut at once.",
    options: [{ ...REASON, required: true as const }],
  },
] as const;

/** `tiermesh approve ID`, `suspend`, `resume`, `revoke`. */
export const agreementActs: readonly Command[] = ACTS.map(({ act, summary, options }) => ({
  usage: `${act} <id>`,
  summary,
  options: [FOLDER, JSON_SWITCH, ...options],
  run: (call, context) =>
    withOperator(call, context, async (operator) => {
      const path = `/operator/agreements/${encodeURIComponent(call.arg(0))}/${act}`;
      const answer = (await operator.json("POST", path, {
        reason: call.text("reason") ?? "",
      })) as JsonMembers;
      printResult(context, call.format, answer, () =>
        shown(`agreement ${String(answer.id)} is ${String(answer.status)}\n`),
      );
      return EXIT.done;
    }),
}));
