import { createHash } from "node:crypto";
import type { ReasonCode } from "../../src/kernel/reason.ts";
import type { KafkaRecord } from "../../src/kernel/record.ts";
import type { Short } from "./cast.ts";

/** A record as its company writes it, and what must become of it. */
export interface Made {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Found again in the replica: what may leave of each record and is in no other. */
  readonly mark: string;
  readonly fate: "leaves" | ReasonCode;
}

/** One contract with somebody who writes its topic. */
export interface Feed {
  readonly contract: string;
  readonly topic: string;
  readonly from: Short;
  readonly to: Short;
  readonly purpose: string;
  /** `NAME=VALUE`, for the contract's scope. */
  readonly parameters?: string;
  readonly perSecond: number;
  /** The record number `n`, from 0. */
  make(n: number): Made;
  /** The mark of a replicated record. */
  markOf(record: KafkaRecord): string;
}

export const PARTITIONS = 2;

/** Records of one key stand in one partition. */
export const partitionOf = (key: string): number => Number.parseInt(hash(key).slice(0, 4), 16) % PARTITIONS;

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** 64 hex digits that look like chance, the same for the same arguments. */
export const digits = (seed: string, n: number): string => hash(`${seed} ${n}`);

/** A whole number from 0 up to, without, `end`. */
export const below = (end: number, seed: string, n: number): number =>
  Number.parseInt(digits(seed, n).slice(0, 8), 16) % end;

export function uuid(seed: string, n: number): string {
  const hex = digits(seed, n);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** W3C Trace Context: it goes with the record, and names it. */
export const traceparent = (seed: string, n: number): string =>
  `00-${digits(seed, n).slice(0, 32)}-${(n + 1).toString(16).padStart(16, "0")}-01`;

/** The text of a header; "" without one. */
export function headerOf({ headers }: KafkaRecord, wanted: string): string {
  const [, value] = headers.find(([name]) => name === wanted) ?? [];
  return Buffer.from(value ?? []).toString("utf8");
}

/** What stands in the row of `n`: `[every, at, fate]` says that of `every` records the one at `at` has that fate. */
export function fateOf<Fate extends string>(
  n: number,
  rows: readonly (readonly [every: number, at: number, fate: Fate])[],
): Fate | "sound" {
  return rows.find(([every, at]) => n % every === at)?.[2] ?? "sound";
}
