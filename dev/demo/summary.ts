import type { Count } from "./counts.ts";
import { isRevoked } from "./flow.ts";
import type { Screen } from "./screen.ts";

const HEADS = ["contract", "from → to", "sent", "denied", "arrived", "exactly once", "reconciled"] as const;

/** One row a stream. */
export function summary(counts: readonly Count[], reconciled: ReadonlySet<string>, screen: Screen): string {
  const rows = counts.map(({ flow, sent, denied, arrived, faults }) => [
    flow.feed.contract,
    `${flow.feed.from} → ${flow.feed.to}`,
    String(sent),
    String(denied),
    String(arrived),
    faults.length > 0 ? "NO" : isRevoked(flow) ? "yes, until revoked" : "yes",
    reconciled.has(flow.agreement) ? "yes" : "NO",
  ]);
  const widths = HEADS.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (/^\d+$/.test(cell) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ");
  return [screen.paint("bold", line(HEADS)), ...rows.map(line)].join("\n");
}
