import type { Json, JsonMembers } from "../../kernel/json.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import { linkTable } from "../link-table.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, Refusal, UsageError } from "../refusal.ts";
import { tableText } from "../table.ts";

const KINDS = ["contracts", "streams", "partners", "agreements", "links", "replays", "policies"];
/** What a row may be called by. */
const NAMES = ["name", "id", "agreement", "topic"];

/** `tiermesh get contracts|streams|partners|agreements|links|replays|policies [NAME]`. */
export const get: Command = {
  usage: "get <kind> [name]",
  summary: `What is in force and what runs: ${KINDS.join(", ")}.`,
  options: [FOLDER, ...OUTPUT],
  run: async (call, context) => {
    const kind = call.arg(0);
    if (!KINDS.includes(kind)) throw new UsageError(`${kind} is none of ${KINDS.join(", ")}.`);
    const rows = (await withOperator(call, context, (operator) =>
      operator.json("GET", `/operator/things/${kind}`),
    )) as readonly JsonMembers[];
    const name = call.arg(1);
    const wanted = name === "" ? rows : rows.filter((row) => NAMES.some((member) => row[member] === name));
    if (name !== "" && wanted.length === 0)
      throw new Refusal({
        title: `There is no such thing`,
        detail: `None of the ${rows.length} ${kind} is called ${name}.`,
        mend: `List them with \`tiermesh get ${kind}\`.`,
      });
    const table = kind === "links" ? linkTable : tableOf;
    printResult(context, call.format, wanted, () => table(wanted, context.out));
    return EXIT.done;
  },
};

const cellOf = (value: Json | undefined): string =>
  value === undefined || value === null
    ? ""
    : Array.isArray(value)
      ? value.map(cellOf).join(" ")
      : String(value);

/** Members as columns; long digests are shortened, `-o json` has them whole. */
function tableOf(rows: readonly JsonMembers[], screen: Parameters<typeof tableText>[2]): string {
  const [first] = rows;
  if (first === undefined) return "none\n";
  const columns = Object.keys(first).map((head) => ({
    head,
    cell: (row: JsonMembers) => cellOf(row[head]).replace(/^(sha-256:[0-9a-f]{12})[0-9a-f]+$/, "$1…"),
  }));
  return tableText(columns, rows, screen);
}
