import { describe, expect, test } from "vitest";
import { MEASURES, ratio, standings, tableOf } from "../../../../dev/bench/race/table.ts";
import { rowOf } from "./rows.ts";

const CONTESTANTS = [
  { name: "mm2-eos", label: "MirrorMaker 2, exactly once" },
  { name: "https", label: "tiermesh" },
];
const drain = MEASURES.drain;
const standing = (rows: Parameters<typeof standings>[0]) => standings(rows, CONTESTANTS, drain);

describe("the standings", () => {
  test("are medians of the rounds", () => {
    const rows = [200, 900, 300].map((megabytesPerS) => rowOf("https", { megabytesPerS }));
    expect(standing(rows)[1]).toMatchObject({
      medians: { megabytesPerS: 300, peakMiB: 250, peakMiBEach: 150 },
      runs: 3,
    });
  });

  test("leave noisy runs out while there are others", () => {
    const noisy = rowOf("https", { megabytesPerS: 10 }, { isNoisy: true });
    expect(standing([noisy, rowOf("https", {})])[1]).toMatchObject({
      isNoisy: false,
      medians: { megabytesPerS: 100 },
    });
    expect(standing([noisy])[1]).toMatchObject({ isNoisy: true, medians: { megabytesPerS: 10 } });
  });

  test.each(["lost", "doubled", "stalled", "died"] as const)(
    "count no figure of a run that is %s",
    (outcome) => {
      const [, https] = standing([rowOf("https", {}, { outcome })]);
      expect(https).toMatchObject({ medians: {}, outcomes: { [outcome]: 1 } });
    },
  );
});

describe("the ratio", () => {
  const [eos, https] = standing([rowOf("mm2-eos", { cpuSPerGb: 12 }), rowOf("https", { cpuSPerGb: 3 })]);

  test("is 1 for the reference itself", () => expect(eos && ratio(eos, eos, "cpuSPerGb")).toBe(1));
  test("is against the reference", () => expect(https && ratio(https, eos, "cpuSPerGb")).toBe(0.25));
  test("is not there without a reference, nor without a figure", () => {
    const [dead] = standing([]);
    expect(https && ratio(https, undefined, "cpuSPerGb")).toBeUndefined();
    expect(https && ratio(https, dead, "cpuSPerGb")).toBeUndefined();
    expect(dead && ratio(dead, eos, "cpuSPerGb")).toBeUndefined();
  });
});

describe("the table", () => {
  const rows = [
    rowOf("mm2-eos", { megabytesPerS: 121.4, recordsPerS: 121_400 }),
    rowOf("mm2-eos", {}, { outcome: "died" }),
    rowOf("https", { megabytesPerS: 303.5 }),
  ];
  const lines = tableOf(standing(rows), drain, "mm2-eos").split("\n");

  test("has a head, a rule and a row for each contestant, all of one width", () => {
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  test("shows figures with their ratio, and how runs ended", () => {
    expect(lines[0]).toMatch(/MB\/s \|\s+ratio/);
    expect(lines[2]).toMatch(
      /^\| MirrorMaker 2, exactly once \|\s+121 \|\s+1\.00 \|.*121,400.*1 of 2 \(1 died\) \|$/,
    );
    expect(lines[3]).toMatch(/^\| tiermesh\s+\|\s+304 \|\s+2\.50 \|.*\s1 \|$/);
  });

  test("shows a dash for what was not measured", () => {
    const [, , , dead] = tableOf(standing([]), drain, "mm2-eos").split("\n");
    expect(dead).toMatch(/\| +– \| +– \|/);
  });

  test("has columns for latency, too", () => {
    const latency = { startToFirstS: 1, p50: 4, p95: 5, p99: 10, p999: 20, max: 30, cores: 0.2 };
    const { drain: _, ...row } = rowOf("https", {});
    const all = standings([{ ...row, latency }], CONTESTANTS, MEASURES.latency);
    expect(all[1]?.medians).toMatchObject({ p50: 4, p99: 10, p999: 20 });
  });
});
