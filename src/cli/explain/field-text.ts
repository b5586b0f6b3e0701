import type { ExplainedField } from "../../policy/explain-field.ts";
import { type Place, placeText } from "../../policy/explain-sources.ts";
import type { Screen } from "../context.ts";
import { shown } from "../context.ts";

const EFFECTS: Readonly<Record<ExplainedField["effect"], string>> = {
  leaves: "leaves",
  changed: "leaves changed",
  stays: "stays",
};

const at = (places: readonly Place[]): string =>
  places.length === 0 ? "" : `, ${places.map(placeText).join(", ")}`;

/** The long story of one field: what becomes of it, every rule behind that, and how to take each back. */
export function fieldText(field: ExplainedField, screen: Pick<Screen, "paint">): string {
  const { path, effect, detail, by, where, classification, categories, pseudonym, remark } = field;
  const kind = [classification, ...categories].filter(Boolean).join(", ");
  const lines = [
    `It ${EFFECTS[effect]}: ${detail} (${by}${at(where)}).`,
    ...(kind === ""
      ? []
      : [`It is classified ${kind}${at([field.declared].filter((each) => each !== undefined))}.`]),
    ...(pseudonym === undefined
      ? []
      : [
          `Its pseudonyms are of epoch ${pseudonym.epoch}, domain ${pseudonym.domain}: they join inside that domain, for this partner alone, until the epoch is raised.`,
        ]),
    ...field.screens.map(({ by: rule, detail: words, where: places }) => `${rule}${at(places)}: ${words}.`),
    ...(remark === undefined ? [] : [remark]),
  ];
  const rules = field.rules.flatMap(
    ({ by: rule, where: place, decides, demands, change, afterwards }, index) => [
      `${index + 1}. ${rule}${decides ? ", which decides" : ""}${at(place === undefined ? [] : [place])}: ${demands}`,
      `   ${change}`,
      `   ${afterwards}`,
    ],
  );
  const none = remark === undefined ? ["No rule takes anything away here."] : [];
  const behind = rules.length === 0 ? none : ["What it would take to change it:", ...rules];
  return `${screen.paint("bold", shown(path))}\n${[...lines, ...(behind.length > 0 ? [""] : []), ...behind].map((line) => `${shown(line)}\n`).join("")}`;
}
