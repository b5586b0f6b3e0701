import { parseArgs } from "node:util";
import { done, failed, type Result } from "../../../src/kernel/result.ts";
import type { SourceShape } from "./source.ts";

/** What a race is run with. */
export interface RaceOptions {
  readonly mode: "drain" | "latency";
  /** In latency mode: what counts, after the warm-up. */
  readonly records: number;
  readonly recordBytes: number;
  readonly partitions: number;
  readonly source: SourceShape;
  /** Names, in the order of their turns. */
  readonly contestants: readonly string[];
  readonly rounds: number;
  readonly json: string | undefined;
  readonly svg: string | undefined;
  /** Folder for CPU profiles of the gateways. */
  readonly profile: string | undefined;
}

const LATENCY_RECORDS = "30000";
/** Bytes of a record → how many make a drain long enough to measure: one to two gigabytes. */
const DRAIN_RECORDS: Readonly<Record<string, string>> = {
  100: "12000000",
  1000: "2000000",
  10000: "200000",
  100000: "20000",
};

export const USAGE = `node dev/bench/race.ts [--mode drain|latency] [--records N] [--record-bytes 100|1000|10000|100000]
    [--partitions 1|4|64] [--source lz4|none] [--contestants a,b,c] [--rounds 3] [--json FILE] [--svg FILE] [--profile FOLDER]`;

/** Option → what it may be. */
const CHOICES = {
  mode: ["drain", "latency"],
  "record-bytes": ["100", "1000", "10000", "100000"],
  partitions: ["1", "4", "64"],
  source: ["lz4", "none"],
} as const;

const WHOLE_NUMBER = /^[1-9]\d{0,8}$/;

/** Everything that is wrong with the arguments in one text. `known` are the contestants that there are. */
export function readOptions(args: readonly string[], known: readonly string[]): Result<RaceOptions, string> {
  const parsed = parse(args);
  if (!parsed.ok) return parsed;
  const values = parsed.value;
  const contestants = (values.contestants ?? known.join(",")).split(",").filter((name) => name !== "");
  const usual = values.mode === "latency" ? LATENCY_RECORDS : DRAIN_RECORDS[values["record-bytes"]];
  const records = values.records ?? usual ?? LATENCY_RECORDS;
  const faults = [
    ...Object.entries(CHOICES).flatMap(([name, allowed]) => {
      const given = values[name as keyof typeof CHOICES];
      return (allowed as readonly string[]).includes(given)
        ? []
        : [`--${name} is one of ${allowed.join(", ")}, not ${given}`];
    }),
    ...Object.entries({ records, rounds: values.rounds }).flatMap(([name, given]) =>
      WHOLE_NUMBER.test(given) ? [] : [`--${name} is a whole number above 0, not ${given}`],
    ),
    ...contestants
      .filter((name) => !known.includes(name))
      .map((name) => `there is no contestant ${name}: there are ${known.join(", ")}`),
    ...(contestants.length === 0 ? ["--contestants names nobody"] : []),
    ...(new Set(contestants).size < contestants.length ? ["--contestants names one twice"] : []),
  ];
  if (faults.length > 0) return failed(faults.join("\n"));
  return done({
    mode: values.mode as RaceOptions["mode"],
    records: Number(records),
    recordBytes: Number(values["record-bytes"]),
    partitions: Number(values.partitions),
    source: values.source as SourceShape,
    contestants,
    rounds: Number(values.rounds),
    json: values.json,
    svg: values.svg,
    profile: values.profile,
  });
}

function parse(args: readonly string[]) {
  try {
    const text = (initial: string) => ({ type: "string", default: initial }) as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        mode: text("drain"),
        records: { type: "string" },
        "record-bytes": text("1000"),
        partitions: text("4"),
        source: text("lz4"),
        contestants: { type: "string" },
        rounds: text("3"),
        json: { type: "string" },
        svg: { type: "string" },
        profile: { type: "string" },
      },
    });
    return done(values);
  } catch (error) {
    return failed((error as Error).message);
  }
}
