import { placeText } from "../../policy/explain-sources.ts";
import type { Screen } from "../context.ts";
import { shown } from "../context.ts";
import type { Coverage } from "./coverage.ts";

/** The figure for people, and each field and rule that no case touches; red where it is below `least` percent. */
export function coverageText(
  { contract, fields, rules, percent }: Coverage,
  least: number,
  screen: Pick<Screen, "paint">,
): string {
  const counts = `fields ${fields.touched} of ${fields.total}, rules ${rules.touched} of ${rules.total}`;
  const verdict = percent < least ? screen.paint("red", `${percent} %, below ${least} %`) : `${percent} %`;
  const untouched = [...fields.untouched, ...rules.untouched].map(({ name, where }) => {
    const place = where === undefined ? "" : ` (${placeText(where)})`;
    return `  no case touches ${shown(`${name}${place}`)}\n`;
  });
  return `${shown(contract)}: ${counts}: ${verdict}\n${untouched.join("")}`;
}
