import type { PlanChange } from "../../policy/plan-difference.ts";
import { type Screen, shown } from "../context.ts";
import { type Column, tableText } from "../table.ts";
import type { Comparison } from "./comparison.ts";
import type { Example } from "./outcomes.ts";

const COLUMNS: readonly Column<PlanChange>[] = [
  { head: "WHAT LEAVES", cell: ({ direction }) => direction },
  { head: "PLACE", cell: ({ place }) => place || "the record" },
  { head: "OF IT", cell: ({ aspect }) => aspect },
  { head: "BEFORE", cell: ({ before }) => before.says },
  { head: "AFTER", cell: ({ after }) => after.says },
  {
    head: "BY",
    cell: ({ before, after }) => [...new Set([before.by, after.by])].filter(Boolean).join(" → "),
  },
  { head: "FOR THE SUBSCRIBER", cell: ({ verdict }) => verdict },
];

/** One comparison for people. */
export function comparisonText(comparison: Comparison, screen: Pick<Screen, "paint">): string {
  const { contract, partner, before, after, changes, verdict, events } = comparison;
  const names = [...new Set([before?.contract ?? "no contract", after?.contract ?? "no contract"])].join(
    " → ",
  );
  const title = `${contract} for ${partner.name} (${partner.id}): ${names}, ${changes.length === 0 ? "no difference" : verdict}`;
  return [
    `${screen.paint("bold", shown(title))}\n`,
    changes.length === 0 ? "" : tableText(COLUMNS, changes, screen),
    ...(events === undefined
      ? []
      : [
          `${events.differing} of ${events.records} records come out otherwise.\n`,
          ...events.examples.map(exampleText),
        ]),
    "\n",
  ].join("");
}

function exampleText({ line, before, after, pointers }: Example): string {
  const side = ({ effect, reasons, value, key }: Example["before"]): string =>
    [effect, ...reasons, value === undefined ? "" : JSON.stringify(value), key === null ? "" : `key ${key}`]
      .filter(Boolean)
      .join(" ");
  const lines = [
    `line ${line}  ${pointers.map((pointer) => pointer || "the record").join(", ")}`,
    `  before  ${side(before)}`,
    `  after   ${side(after)}`,
  ];
  return lines.map((each) => `${shown(each)}\n`).join("");
}
