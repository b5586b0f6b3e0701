import type { JsonMembers } from "../../kernel/json.ts";
import { type Command, FOLDER, JSON_SWITCH } from "../command.ts";
import { shown } from "../context.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, UsageError } from "../refusal.ts";

/** `tiermesh request CONTRACT --from PARTNER --purpose P`. */
export const request: Command = {
  usage: "request <contract>",
  summary: "Ask a partner for a stream: signs a request and sends it.",
  options: [
    FOLDER,
    JSON_SWITCH,
    { flags: "--from <partner>", text: "who publishes it: name or URN", required: true },
    { flags: "--purpose <purpose>", text: "what it is wanted for, as the contract names it", required: true },
    { flags: "--until <date>", text: "when the agreement ends (default: in a year)" },
    { flags: "--usage <text>", text: "what it is wanted for, in words" },
    { flags: "--start <where>", text: "earliest, latest, or a time" },
    {
      flags: "--delivery <how>",
      text: "pull: our gateway fetches the stream (default); push: the publisher's writes into our Kafka",
    },
    {
      flags: "--parameters <pairs>",
      text: "what the contract's scope asks of the agreement: NAME=VALUE, with commas between",
    },
  ],
  run: (call, context) =>
    withOperator(call, context, async (operator) => {
      const body = {
        contract: call.arg(0),
        from: call.required("from"),
        purpose: call.required("purpose"),
        until: call.text("until") ?? null,
        usage: call.text("usage") ?? null,
        start: call.text("start") ?? null,
        delivery: call.text("delivery") ?? null,
        parameters: parametersOf(call.text("parameters")),
      };
      const answer = (await operator.json("POST", "/operator/requests", body)) as JsonMembers;
      printResult(context, call.format, answer, () =>
        shown(
          `agreement ${String(answer.id)} is ${String(answer.status)}\n` +
            `The publisher approves it with: tiermesh approve ${String(answer.id)}\n`,
        ),
      );
      return EXIT.done;
    }),
};

/** `NAME=VALUE,…`; a name that stands more than once has a list of values. */
function parametersOf(pairs: string | undefined): JsonMembers {
  const values = new Map<string, string[]>();
  for (const pair of pairs?.split(",") ?? []) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError("--parameters is not NAME=VALUE[,NAME=VALUE…].");
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...values].map(([name, given]) => [name, given.length === 1 ? (given[0] ?? "") : given]),
  );
}
