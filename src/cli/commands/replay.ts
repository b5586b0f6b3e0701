import type { JsonMembers } from "../../kernel/json.ts";
import type { Call } from "../call.ts";
import { type Command, FOLDER, JSON_SWITCH } from "../command.ts";
import { shown } from "../context.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, UsageError } from "../refusal.ts";

/** `tiermesh replay AGREEMENT --from …`: a part of a stream once more. */
export const replay: Command = {
  usage: "replay <agreement>",
  summary: "Bring a part of a stream once more, by the policy as it is now, beside the live link.",
  options: [
    FOLDER,
    JSON_SWITCH,
    {
      flags: "--from <where>",
      text: "earliest, a time, or what the publisher offered; at the publisher, a source offset to offer",
    },
    { flags: "--to <time>", text: "where it ends (default: where the stream is now)" },
    { flags: "--partition <number>", text: "this partition alone" },
    { flags: "--into <topic>", text: "a topic that does not exist yet (default: the link's replica)" },
    {
      flags: "--stop",
      text: "end a replay before its time; the argument is its id, as `get replays` has it",
    },
  ],
  run: async (call, context) => {
    const id = encodeURIComponent(call.arg(0));
    if (call.has("stop") !== (call.text("from") === undefined))
      throw new UsageError("Say where the replay begins with --from, or end one with --stop.");
    const wish = call.has("stop") ? undefined : wishOf(call);
    const path = wish === undefined ? `/operator/replays/${id}/stop` : `/operator/agreements/${id}/replays`;
    const answer = await withOperator(call, context, (operator) => operator.json("POST", path, wish));
    printResult(context, call.format, answer, () => shown(textOf(answer as JsonMembers)));
    return EXIT.done;
  },
};

function wishOf(call: Call): JsonMembers {
  const partition = call.text("partition");
  if (partition !== undefined && !/^\d{1,5}$/.test(partition))
    throw new UsageError("--partition is the number of a partition, from 0.");
  return {
    from: call.required("from"),
    to: call.text("to") ?? null,
    partition: partition === undefined ? null : Number(partition),
    into: call.text("into") ?? null,
  };
}

function textOf({ offer, replay: id, status, into, partitions }: JsonMembers): string {
  if (offer !== undefined)
    return `Give this to the subscriber, who runs: tiermesh replay AGREEMENT --from ${String(offer)}\n`;
  if (status !== undefined) return `replay ${String(id)} is ${String(status)}\n`;
  return (
    `replay ${String(id)} of ${String(partitions)} partition(s) runs into ${String(into)}\n` +
    "Follow it with: tiermesh get replays\n"
  );
}
