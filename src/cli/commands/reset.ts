import type { JsonMembers } from "../../kernel/json.ts";
import { type Command, FOLDER, JSON_SWITCH } from "../command.ts";
import { shown } from "../context.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, UsageError } from "../refusal.ts";

/** `tiermesh reset AGREEMENT --by event | --to WHERE --yes`: gives a link that has lost its cursors new ones. */
export const reset: Command = {
  usage: "reset <agreement>",
  summary: "Give a link that has lost its cursors new ones, at the subscriber.",
  options: [
    FOLDER,
    JSON_SWITCH,
    {
      flags: "--by <what>",
      text: "event: behind the last record of each partition; nothing is lost, nothing comes twice",
      choices: ["event"],
    },
    {
      flags: "--to <where>",
      text: "latest, earliest or a time: loses or doubles records, and says which first",
    },
    { flags: "--yes", text: "with --to: do it" },
  ],
  run: async (call, context) => {
    const [by, to] = [call.text("by"), call.text("to")];
    if ((by === undefined) === (to === undefined))
      throw new UsageError("Say either --by event or --to latest, earliest or a time.");
    const wish = by === undefined ? { to: to ?? "", yes: call.has("yes") } : { by };
    const path = `/operator/agreements/${encodeURIComponent(call.arg(0))}/reset`;
    const answer = (await withOperator(call, context, (operator) =>
      operator.json("POST", path, wish),
    )) as JsonMembers;
    printResult(context, call.format, answer, () => shown(textOf(answer)));
    return answer.done === true ? EXIT.done : EXIT.refused;
  },
};

function textOf({ agreement, topic, done, meaning, partitions }: JsonMembers): string {
  const rows = (Array.isArray(partitions) ? partitions : []) as readonly JsonMembers[];
  const last = rows.map(
    ({ partition, lastRecord }) =>
      `  partition ${String(partition)}: last record of ${String(lastRecord ?? "an unknown time")}\n`,
  );
  const head = done === true ? `the link of ${String(agreement)} was reset\n` : `${String(topic)} holds:\n`;
  const tail = done === true ? "" : "Nothing was done. If that is meant, say it again with --yes.\n";
  return `${head}${last.join("")}${String(meaning)}\n${tail}`;
}
