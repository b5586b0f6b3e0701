import { describe, expect, test } from "vitest";
import { plotOf } from "../../../../dev/bench/race/plot.ts";
import { MEASURES, standings } from "../../../../dev/bench/race/table.ts";
import { rowOf } from "./rows.ts";

const CONTESTANTS = [
  { name: "mm2-eos", label: "MirrorMaker 2" },
  { name: "https", label: 'A <b> & "c"' },
  { name: "gone", label: "died" },
];
const rows = [
  rowOf("mm2-eos", { megabytesPerS: 100, cpuSPerGb: 12 }),
  rowOf("https", { megabytesPerS: 400, cpuSPerGb: 3 }),
  rowOf("gone", {}, { outcome: "died" }),
];
const measures = MEASURES.drain.slice(0, 2);
const svg = plotOf(
  standings(rows, CONTESTANTS, measures),
  measures.map((measure) => ({ title: measure.title, measure })),
  { heading: "Race", reference: "mm2-eos", footer: "here, today" },
);
const bars = [...svg.matchAll(/<rect x="\d+" y="(\d+)" width="(\d+)"/g)].map(([, y, width]) => ({
  y: Number(y),
  width: Number(width),
}));

describe("the plot", () => {
  test("has a bar for each figure, in its proportion, one below the other", () => {
    const [slow = 0, fast = 0, costly = 0, cheap = 0] = bars.map(({ width }) => width);
    expect(bars).toHaveLength(4);
    expect(fast / slow).toBeCloseTo(4, 1);
    expect(costly / cheap).toBeCloseTo(4, 1);
    expect(fast).toBe(costly);
    expect(bars.map(({ y }) => y)).toEqual(bars.map(({ y }) => y).sort((one, other) => one - other));
  });

  test("tells each figure with its ratio, and who has none", () => {
    expect(svg).toContain(">400 (× 4.00)<");
    expect(svg).toContain(">3.00 (× 0.25)<");
    expect(svg.split("no complete run")).toHaveLength(3);
  });

  test("stays inside its frame", () => {
    const [, width = "0", height = "0"] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
    for (const [, x, y] of svg.matchAll(/<text x="(\d+)" y="(\d+)"/g)) {
      expect(Number(x)).toBeLessThan(Number(width));
      expect(Number(y)).toBeLessThan(Number(height));
    }
    for (const bar of bars) expect(bar.width).toBeLessThan(Number(width));
  });

  test("takes labels for text, never for markup", () => {
    expect(svg).toContain("A &lt;b&gt; &amp; &quot;c&quot;");
    expect(svg).not.toContain("<b>");
  });
});
