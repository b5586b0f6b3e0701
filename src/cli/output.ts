import { stringify } from "yaml";
import type { Format } from "./call.ts";
import type { Context } from "./context.ts";

/** Prints a result as it was asked for: `value` for machines, `table` for people. */
export function printResult(
  { out }: Pick<Context, "out">,
  format: Format,
  value: unknown,
  table: () => string,
): void {
  const texts: Readonly<Record<Format, () => string>> = {
    json: () => `${JSON.stringify(value, undefined, 2)}\n`,
    yaml: () => yamlText(value),
    table,
  };
  out.write(texts[format]());
}

/** YAML 1.2 text: no anchors, no folded lines, strings quoted where they could be read as something else. */
export const yamlText = (value: unknown): string =>
  stringify(value, { aliasDuplicateObjects: false, lineWidth: 0, compat: "yaml-1.1" });
