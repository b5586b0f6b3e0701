import { isMembers, type Json, type JsonMembers } from "../kernel/json.ts";
import { type Screen, shown } from "./context.ts";
import { tableText } from "./table.ts";

const ID_DIGITS = 8;
/** Side of a link → how the table calls it. */
const SIDES: Readonly<Record<string, string>> = { publisher: "out", subscriber: "in" };

const textOf = (value: Json | undefined): string =>
  value === undefined || value === null ? "" : String(value);
const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;

/** Fits a screen of 120 columns; `-o json` has everything. */
const COLUMNS = [
  { head: "agreement", cell: ({ agreement }: JsonMembers) => textOf(agreement).slice(0, ID_DIGITS) },
  { head: "side", cell: ({ side }: JsonMembers) => SIDES[textOf(side)] ?? textOf(side) },
  { head: "partner", cell: ({ partner }: JsonMembers) => textOf(partner) },
  {
    head: "contract",
    cell: ({ contract, replay }: JsonMembers) =>
      `${textOf(contract)}${replay === null || replay === undefined ? "" : ` replay ${textOf(replay).slice(0, ID_DIGITS)}`}`,
  },
  { head: "state", cell: ({ state }: JsonMembers) => textOf(state) },
  { head: "lag", cell: lagOf },
  { head: "rate", cell: rateOf },
  { head: "records", cell: ({ records }: JsonMembers) => textOf(records) },
  { head: "denied", cell: ({ denied }: JsonMembers) => textOf(denied) },
];

/** The rows of `tiermesh get links` for people: a line a link, and below it what is wrong or was. */
export function linkTable(rows: readonly JsonMembers[], screen: Pick<Screen, "paint">): string {
  if (rows.length === 0) return "none\n";
  const notes = rows.flatMap(notesOf);
  return `${tableText(COLUMNS, rows, screen)}${notes.map((note) => `${shown(note)}\n`).join("")}`;
}

/** Records where they are known, which is at the publisher, and time. */
function lagOf({ lagRecords, lagSeconds }: JsonMembers): string {
  const seconds = numberOf(lagSeconds);
  const records = numberOf(lagRecords);
  if (seconds === undefined) return "";
  return records === undefined ? `${seconds} s` : `${records}, ${seconds} s`;
}

const MEGA = 1_000_000;
const KILO = 1_000;

function rateOf({ recordsPerSecond, bytesPerSecond }: JsonMembers): string {
  const records = numberOf(recordsPerSecond) ?? 0;
  const bytes = numberOf(bytesPerSecond) ?? 0;
  if (records === 0 && bytes === 0) return "0/s";
  const size = bytes >= MEGA ? `${(bytes / MEGA).toFixed(1)} MB/s` : `${(bytes / KILO).toFixed(1)} kB/s`;
  return `${records >= 10 ? Math.round(records) : records}/s ${size}`;
}

function notesOf(row: JsonMembers): readonly string[] {
  const name = textOf(row.agreement).slice(0, ID_DIGITS);
  const now =
    textOf(row.code) === "" && textOf(row.detail) === ""
      ? []
      : [`${name}  ${[textOf(row.code), textOf(row.detail)].filter(Boolean).join(": ")}`];
  const halted = membersIn(row.halted).map(
    ({ partition, code, side, since }) =>
      `${name}  partition ${textOf(partition)} halted at the ${textOf(side)} since ${textOf(since)}: ${textOf(code)}`,
  );
  const { partitions } = row;
  const share = Array.isArray(partitions)
    ? [`${name}  this process has partitions ${partitions.join(" ")}`]
    : [];
  const [last] = membersIn([row.lastError ?? null]);
  const isOver = last !== undefined && now.length + halted.length === 0;
  return [
    ...share,
    ...now,
    ...halted,
    ...(isOver ? [`${name}  last error at ${textOf(last.at)}: ${textOf(last.code)}`] : []),
  ];
}

const membersIn = (value: Json | undefined): readonly JsonMembers[] =>
  Array.isArray(value) ? value.filter(isMembers) : [];
