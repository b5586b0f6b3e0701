import type { JsonMembers } from "../../kernel/json.ts";
import { type Command, FOLDER, JSON_SWITCH } from "../command.ts";
import { shown } from "../context.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT } from "../refusal.ts";

/** `tiermesh pause AGREEMENT`: this company's end of a link rests until `tiermesh resume`. */
export const pause: Command = {
  usage: "pause <agreement>",
  summary: "Let this company's end of a link rest; nothing is lost, `resume` lets it go on.",
  options: [FOLDER, JSON_SWITCH, { flags: "--reason <text>", text: "why; it stands in the audit log" }],
  run: (call, context) =>
    withOperator(call, context, async (operator) => {
      const path = `/operator/agreements/${encodeURIComponent(call.arg(0))}/pause`;
      const body = { reason: call.text("reason") ?? "" };
      const answer = (await operator.json("POST", path, body)) as JsonMembers;
      printResult(context, call.format, answer, () => shown(`the link of ${String(answer.id)} is paused\n`));
      return EXIT.done;
    }),
};
