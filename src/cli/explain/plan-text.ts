import type { Explanation } from "../../policy/explain.ts";
import type { ExplainedField } from "../../policy/explain-field.ts";
import { type Place, placeText } from "../../policy/explain-sources.ts";
import type { Screen } from "../context.ts";
import { shown } from "../context.ts";
import { type Column, tableText } from "../table.ts";
import { listText, shortened } from "./fitted.ts";

/** What fits on a screen. */
const WIDTH = 100;
/** So many fields of a screen are told by path; `--field` and JSON have all. */
const PATHS_MAX = 3;
const GAPS = 4 * 2;

/** A plan for people: a table of the fields, where the rules stand, and what holds for every record. */
export function planText({ fields, terms, denials }: Explanation, screen: Pick<Screen, "paint">): string {
  const heading = (words: string): string => `\n${screen.paint("bold", words)}\n`;
  const stands = filesOf([...fields.flatMap(single), ...terms, ...fields.flatMap((field) => field.screens)]);
  const screens = screensOf(fields);
  return [
    ...denials.map(({ code, module, sentence, mend, where }) => {
      const by = [code, module, ...where.map(placeText)].filter(Boolean).join(", ");
      return `${screen.paint("red", "Nothing leaves:")} ${shown(`${sentence} (${by}) ${mend}`)}\n`;
    }),
    ...(denials.length > 0 ? ["\n"] : []),
    tableText(columnsFor(fields), fields, screen),
    heading("For every record"),
    listText(
      terms.map(({ name, detail, by, where }) => [name, `${detail} (${by}${whereOf(where)})`]),
      WIDTH,
    ),
    ...(screens.length > 0 ? [heading("Looked for"), listText(screens, WIDTH)] : []),
    heading("Where the rules stand"),
    listText(stands, WIDTH),
  ].join("");
}

/** Path and outcome as wide as they must be; what is too wide for the screen is shortened, the widest first. */
function columnsFor(fields: readonly ExplainedField[]): readonly Column<ExplainedField>[] {
  const how = ({ brief, screens }: ExplainedField): string =>
    screens.length === 0 ? brief : `${brief}, screened`;
  const by = ({ by: names }: ExplainedField): string => {
    const [first = "", ...others] = names.split(", ");
    return others.length === 0 ? first : `${first} +${others.length}`;
  };
  const where = (field: ExplainedField): string => whereOf(field.where).trimStart();
  const widest = (cell: (field: ExplainedField) => string): number =>
    Math.max(...fields.map((field) => cell(field).length), 5);
  const left = WIDTH - GAPS - "OUTCOME".length - widest(by) - widest(where);
  const howWidth = Math.min(widest(how), Math.max(left - widest(({ path }) => path), Math.floor(left / 3)));
  return [
    { head: "FIELD", cell: ({ path }) => shortened(path, left - howWidth) },
    { head: "OUTCOME", cell: ({ effect }) => effect },
    { head: "HOW", cell: (field) => shortened(how(field), howWidth) },
    { head: "BY", cell: by },
    { head: "WHERE", cell: where },
  ];
}

/** ` :LINE`, with how many more there are; the file stands in the legend. */
function whereOf(where: readonly Place[]): string {
  const [first, ...others] = [...new Set(where.map(({ line }) => line))];
  if (first === undefined) return "";
  return others.length === 0 ? ` :${first}` : ` :${first} +${others.length}`;
}

type Standing = Pick<ExplainedField, "by" | "where">;

/** The field itself, or, where several rules decide together, each of them. */
function single(field: ExplainedField): readonly Standing[] {
  if (!field.by.includes(", ")) return [field];
  return field.rules.flatMap(({ by, where, decides }) =>
    decides && where !== undefined ? [{ by, where: [where] }] : [],
  );
}

/** Rule → the files in which it stands. */
function filesOf(rows: readonly Standing[]): readonly (readonly [by: string, files: string])[] {
  const files = new Map<string, Set<string>>();
  for (const { by, where } of rows) {
    const known = files.get(by) ?? new Set();
    for (const { file } of where) known.add(file);
    files.set(by, known);
  }
  return [...files].filter(([, known]) => known.size > 0).map(([by, known]) => [by, [...known].join(", ")]);
}

/** Each screen once, with the fields that it looks at. */
function screensOf(fields: readonly ExplainedField[]): readonly (readonly [by: string, words: string])[] {
  const looked = fields.flatMap(({ path, screens }) => screens.map((screen) => ({ path, screen })));
  const grouped = Map.groupBy(looked, ({ screen: { by, detail } }) => `${by}\n${detail}`);
  return [...grouped.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { by, detail, where } = first.screen;
    const paths = group.slice(0, PATHS_MAX).map(({ path }) => path);
    const more = group.length > PATHS_MAX ? ` and ${group.length - PATHS_MAX} more` : "";
    return [[by, `in ${paths.join(", ")}${more}: ${detail}${whereOf(where)}`] as const];
  });
}
