import type { Screen } from "./context.ts";
import { shown } from "./context.ts";

/** A column: its head, and what stands in it. */
export interface Column<Row> {
  readonly head: string;
  cell(row: Row): string;
}

/** Rows as aligned columns under a bold head; a cell is one line. Nothing for no rows but the head. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  screen: Pick<Screen, "paint">,
): string {
  const heads = columns.map(({ head }) => head);
  const cells = rows.map((row) => columns.map(({ cell }) => shown(cell(row)).replaceAll("\n", " ")));
  const widths = heads.map((head, index) =>
    Math.max(...[head, ...cells.map((line) => line[index] ?? "")].map(({ length }) => length)),
  );
  const aligned = (line: readonly string[]): string =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  const [first = "", ...others] = [heads, ...cells].map(aligned);
  return `${[screen.paint("bold", first), ...others].join("\n")}\n`;
}
