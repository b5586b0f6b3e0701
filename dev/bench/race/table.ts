import { median, type Outcome } from "./figures.ts";
import type { RunRow } from "./run.ts";

/** What is known of a contestant after all rounds: medians of the runs that count. */
export interface Standing {
  readonly contestant: string;
  readonly label: string;
  readonly runs: number;
  /** How many of them ended so. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** Figures of noisy runs, because there were no others. */
  readonly isNoisy: boolean;
  /** Measure → median. Measures that no run that counts has are missing. */
  readonly medians: Readonly<Record<string, number>>;
}

/** One figure of the table and the plot. */
export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly of: (row: RunRow) => number | undefined;
  readonly digits: number;
  /** Has a column that compares it with the reference. */
  readonly compared?: true;
}

const peakOf = ({ peakMiB }: RunRow): number => Object.values(peakMiB).reduce((sum, each) => sum + each, 0);
const PEAK: Measure = { name: "peakMiB", title: "peak MiB", of: peakOf, digits: 0 };
const worstOf = ({ peakMiB }: RunRow): number => Math.max(...Object.values(peakMiB));
const PEAK_EACH: Measure = { name: "peakMiBEach", title: "largest", of: worstOf, digits: 0 };

/** Mode → what is told, in the order of the columns. */
export const MEASURES: Readonly<Record<"drain" | "latency", readonly Measure[]>> = {
  drain: [
    {
      name: "megabytesPerS",
      title: "MB/s",
      of: ({ drain }) => drain?.megabytesPerS,
      digits: 0,
      compared: true,
    },
    { name: "cpuSPerGb", title: "CPU s/GB", of: ({ drain }) => drain?.cpuSPerGb, digits: 2, compared: true },
    { name: "recordsPerS", title: "records/s", of: ({ drain }) => drain?.recordsPerS, digits: 0 },
    { name: "cpuSPerMillion", title: "CPU s/M rec", of: ({ drain }) => drain?.cpuSPerMillion, digits: 2 },
    { name: "warmMegabytesPerS", title: "MB/s warm", of: ({ drain }) => drain?.warmMegabytesPerS, digits: 0 },
    { name: "warmCpuSPerGb", title: "CPU s/GB warm", of: ({ drain }) => drain?.warmCpuSPerGb, digits: 2 },
    { name: "cores", title: "cores", of: ({ drain }) => drain?.cores, digits: 2 },
    PEAK,
    PEAK_EACH,
    { name: "startToFirstS", title: "first after s", of: ({ drain }) => drain?.startToFirstS, digits: 1 },
    { name: "cpuBeforeFirstS", title: "CPU s before", of: ({ drain }) => drain?.cpuBeforeFirstS, digits: 1 },
    {
      name: "sourceBroker",
      title: "source s/GB",
      of: ({ drain }) => drain?.sourceBrokerCpuSPerGb,
      digits: 2,
    },
    {
      name: "targetBroker",
      title: "target s/GB",
      of: ({ drain }) => drain?.targetBrokerCpuSPerGb,
      digits: 2,
    },
  ],
  latency: [
    { name: "p50", title: "p50 ms", of: ({ latency }) => latency?.p50, digits: 1, compared: true },
    { name: "p95", title: "p95 ms", of: ({ latency }) => latency?.p95, digits: 1 },
    { name: "p99", title: "p99 ms", of: ({ latency }) => latency?.p99, digits: 1, compared: true },
    { name: "p999", title: "p99.9 ms", of: ({ latency }) => latency?.p999, digits: 1 },
    { name: "max", title: "longest ms", of: ({ latency }) => latency?.max, digits: 0 },
    { name: "cores", title: "cores", of: ({ latency }) => latency?.cores, digits: 2 },
    PEAK,
    PEAK_EACH,
    { name: "startToFirstS", title: "first after s", of: ({ latency }) => latency?.startToFirstS, digits: 1 },
  ],
};

/** One standing for each contestant. Noisy runs count only where there are no others, incomplete ones never. */
export function standings(
  rows: readonly RunRow[],
  contestants: readonly { readonly name: string; readonly label: string }[],
  measures: readonly Measure[],
): readonly Standing[] {
  return contestants.map(({ name, label }) => {
    const own = rows.filter(({ contestant }) => contestant === name);
    const complete = own.filter(({ outcome }) => outcome === "complete");
    const quiet = complete.filter((row) => !row.isNoisy);
    const counted = quiet.length > 0 ? quiet : complete;
    const outcomes: Partial<Record<Outcome, number>> = {};
    for (const { outcome } of own) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return {
      contestant: name,
      label,
      runs: own.length,
      outcomes,
      isNoisy: complete.length > 0 && quiet.length === 0,
      medians: Object.fromEntries(
        measures.flatMap((measure) => {
          const figures = counted.flatMap((row) => measure.of(row) ?? []);
          return figures.length === 0 ? [] : [[measure.name, median(figures)]];
        }),
      ),
    };
  });
}

/** How many times the reference's figure this one is; undefined where either is missing. */
export function ratio(
  standing: Standing,
  reference: Standing | undefined,
  measure: string,
): number | undefined {
  const [own, other] = [standing.medians[measure], reference?.medians[measure]];
  return own === undefined || other === undefined || other === 0 ? undefined : own / other;
}

/** The table as Markdown: it goes into a document as it is, and reads well on a terminal. */
export function tableOf(
  all: readonly Standing[],
  measures: readonly Measure[],
  referenceName: string,
): string {
  const reference = all.find(({ contestant }) => contestant === referenceName);
  const head = [
    "",
    ...measures.flatMap(({ title, compared }) => (compared ? [title, "ratio"] : [title])),
    "runs",
  ];
  const body = all.map((standing) => [
    standing.label,
    ...measures.flatMap((measure) => {
      const figure = textOf(standing.medians[measure.name], measure.digits);
      const times = textOf(ratio(standing, reference, measure.name), 2);
      return measure.compared ? [figure, times] : [figure];
    }),
    runsOf(standing),
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...body].map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(Math.max(1, width - 1))}:`)).join(" | ")} |`;
  return [line(head), rule, ...body.map(line)].join("\n");
}

const textOf = (figure: number | undefined, digits: number): string =>
  figure === undefined
    ? "–"
    : figure.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** `3`, or `2 of 3 (1 died), noisy`. */
function runsOf({ runs, outcomes, isNoisy }: Standing): string {
  const complete = outcomes.complete ?? 0;
  const others = Object.entries(outcomes).filter(([outcome]) => outcome !== "complete");
  const told = others.map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  return `${complete === runs ? runs : `${complete} of ${runs} (${told})`}${isNoisy ? ", noisy" : ""}`;
}
