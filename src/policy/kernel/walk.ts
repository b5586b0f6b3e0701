import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import type { AppliedField } from "../redact.ts";
import * as B from "./batch-layout.ts";
import type { KernelExports } from "./exports.ts";
import { INPUT, INPUT_BYTES, OUTPUT, OUTPUT_BYTES } from "./layout.ts";
import { sumsOf } from "./sums.ts";
import type { PlanTables } from "./tables.ts";

/** One stream's run: what the kernel needs to know of it besides the plan. */
export interface WalkedStream {
  readonly partition: number;
  /** Of the next record that leaves. */
  readonly sequence: number;
  /** Ms since 1970 of the decision. */
  readonly now: number;
  /** Records of a smaller offset were read before. */
  readonly from: bigint;
  /** Records of this offset on are another run's. */
  readonly until: bigint;
  /** Makes names of blocks, of 16 bytes each: event ids and places. */
  readonly names: {
    readonly ids: (blocks: Uint8Array) => Uint8Array;
    readonly places: (blocks: Uint8Array) => Uint8Array;
  };
}

/** One batch of the source. */
export interface WalkedBatch {
  readonly count: number;
  readonly baseOffset: bigint;
  readonly baseTimestamp: bigint;
  /** The time of all its records, where the topic keeps that of appending. */
  readonly appended: bigint | undefined;
}

/** Where the kernel stopped: see `WALK_…` in batch-layout.ts. */
export type WalkStop = "done" | "host" | "full" | "doubt" | "more";
const STOPS: Readonly<Record<number, WalkStop>> = {
  [B.WALK_DONE]: "done",
  [B.WALK_HOST]: "host",
  [B.WALK_FULL]: "full",
  [B.WALK_DOUBT]: "doubt",
  [B.WALK_MORE]: "more",
};

/** What the kernel decided by itself, up to now. */
export interface WalkSums {
  readonly permitted: number;
  /** Bytes of keys, values and headers of what it permitted and denied, and of what leaves. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly fields: readonly AppliedField[];
  readonly rules: readonly (readonly [rule: string, records: number])[];
}

/** Room that vectors may write beyond the last byte. */
const SLACK = 256;

/**
 * A run of batches under one plan, from packed bytes to the plain bytes of what leaves. Where the kernel stops, whoever holds this
 * decides the record at hand, takes away what fills the room, or reads the batch in another way. Nothing else is asked of the kernel
 * until the run is over.
 */
export class KernelWalk {
  readonly #tables: PlanTables;
  readonly #memory: Buffer;
  readonly #exports: KernelExports;
  readonly #stream: WalkedStream;

  constructor(tables: PlanTables, memory: Buffer, exports: KernelExports, stream: WalkedStream) {
    this.#tables = tables;
    this.#memory = memory;
    this.#exports = exports;
    this.#stream = stream;
    memory.fill(0, B.CELL_BASE_OFFSET, B.CELL_UNTIL + 8);
    memory.writeBigInt64LE(clamped(stream.from), B.CELL_FROM);
    memory.writeBigInt64LE(clamped(stream.until), B.CELL_UNTIL);
    memory.writeBigInt64LE(BigInt(stream.sequence), B.CELL_SEQUENCE);
    memory.writeUInt32LE(stream.partition, B.CELL_PARTITION);
    memory.writeDoubleLE(stream.now, B.CELL_NOW);
    this.#set(B.CELL_OUT, OUTPUT);
    this.#set(B.CELL_LENGTHS, 4);
    exports.beginSums(tables.counters.last);
  }

  /** Begins a batch. False: its offsets are beyond what the kernel counts. */
  begin({ count, baseOffset, baseTimestamp, appended }: WalkedBatch): boolean {
    const time = appended ?? baseTimestamp;
    if (baseOffset < 0n || baseOffset > OFFSET_MAX || time < -TIME_MAX || time > TIME_MAX) return false;
    this.#memory.writeBigInt64LE(baseOffset, B.CELL_BASE_OFFSET);
    this.#memory.writeBigInt64LE(time, B.CELL_BASE_TIME);
    this.#set(B.CELL_APPENDED, appended === undefined ? 0 : 1);
    this.#set(B.CELL_LEFT, count);
    return true;
  }

  /** Unpacks an LZ4 frame into the kernel's memory. False: it is not as its writers make it, or too large. */
  unpackLz4(packed: Uint8Array): boolean {
    if (packed.length > B.PACKED_BYTES) return false;
    this.#memory.set(packed, B.PACKED);
    const plain = this.#exports.unpackLz4(packed.length);
    if (plain < 0) return false;
    this.#enter(plain, true);
    return true;
  }

  /** Gives the kernel plain bytes from `at` on, as many as it has room for. */
  give(plain: Uint8Array, at: number): void {
    const end = Math.min(plain.length, at + INPUT_BYTES);
    this.#memory.set(plain.subarray(at, end), INPUT);
    this.#enter(end - at, end === plain.length);
  }

  #enter(length: number, isLast: boolean): void {
    this.#set(B.CELL_AT, INPUT);
    this.#set(B.CELL_END, INPUT + length);
    this.#set(B.CELL_LAST, isLast ? 1 : 0);
  }

  /** Goes on until it stops. */
  next(): WalkStop {
    const stop = STOPS[this.#exports.walk()];
    assert(stop !== undefined, "The kernel stops for a reason.");
    return stop;
  }

  /** A view of the plain bytes at hand, and where in them the kernel stands. */
  get plain(): { readonly bytes: Uint8Array; readonly at: number } {
    const end = this.#get(B.CELL_END);
    return { bytes: this.#memory.subarray(INPUT, end), at: this.#get(B.CELL_AT) - INPUT };
  }

  /** Records of the batch that are still to come, with the one at hand. */
  get left(): number {
    return this.#get(B.CELL_LEFT);
  }

  /** What the denial of the record at hand would be known by; 0: by nothing. */
  get denial(): number {
    return this.#get(B.CELL_DENIAL);
  }

  /** The record at hand, which is so long in plain bytes, has been decided. */
  pass(bytes: number): void {
    this.#set(B.CELL_AT, this.#get(B.CELL_AT) + bytes);
    this.#set(B.CELL_LEFT, this.left - 1);
  }

  /** From now on the kernel decides by itself where a denial is known by this. */
  know(denial: number): void {
    for (let at = B.KNOWN_DENIALS; at < B.KNOWN_DENIALS + 4 * B.KNOWN_DENIALS_MAX; at += 4) {
      if (this.#get(at) !== 0) continue;
      this.#set(at, denial);
      return;
    }
  }

  /** Where the next record that leaves will stand, and the timestamp from which the others are counted; undefined: it is the first. */
  get place(): { readonly sequence: number; readonly index: number; readonly base: bigint | undefined } {
    const index = this.#get(B.CELL_COUNT);
    const base = index === 0 ? undefined : this.#memory.readBigInt64LE(B.CELL_FIRST_TIME);
    return { sequence: Number(this.#memory.readBigInt64LE(B.CELL_SEQUENCE)), index, base };
  }

  get latest(): bigint {
    return this.#memory.readBigInt64LE(B.CELL_LATEST_TIME);
  }

  /** Appends a record that the kernel did not make. False: there is no room. */
  put(record: Uint8Array, timestamp: bigint): boolean {
    const out = this.#get(B.CELL_OUT);
    if (record.length > OUTPUT + OUTPUT_BYTES - SLACK - out) return false;
    this.#memory.set(record, out);
    this.#set(B.CELL_OUT, out + record.length);
    this.count(timestamp);
    return true;
  }

  /** Counts a record that leaves. */
  count(timestamp: bigint): void {
    const { index, sequence } = this.place;
    if (index === 0) this.#memory.writeBigInt64LE(timestamp, B.CELL_FIRST_TIME);
    if (index === 0 || timestamp > this.latest) this.#memory.writeBigInt64LE(timestamp, B.CELL_LATEST_TIME);
    this.#set(B.CELL_COUNT, index + 1);
    this.#memory.writeBigInt64LE(BigInt(sequence + 1), B.CELL_SEQUENCE);
  }

  /** A view of the records that are finished, with all names in them. Room for others is made: it is overwritten by what comes next. */
  takeRecords(): Uint8Array {
    const holes = this.#get(B.CELL_HOLES);
    if (holes > 0) {
      const { ids, places } = this.#stream.names;
      const named = (at: number, name: (blocks: Uint8Array) => Uint8Array): void =>
        this.#memory.set(name(this.#memory.subarray(at, at + holes * B.BLOCK_BYTES)), at);
      named(B.ID_BLOCKS, ids);
      named(B.PLACE_BLOCKS, places);
      this.#exports.fillHoles(holes);
    }
    const records = this.#memory.subarray(OUTPUT, this.#get(B.CELL_OUT));
    this.#set(B.CELL_HOLES, 0);
    this.#set(B.CELL_OUT, OUTPUT);
    return records;
  }

  /** The denials of this batch that were not taken yet: offset less that of the batch, and what it is known by. */
  takeDenials(): readonly (readonly [offset: number, denial: number])[] {
    const count = this.#get(B.CELL_DENIED);
    this.#set(B.CELL_DENIED, 0);
    return Array.from({ length: count }, (_, index) => {
      const row = B.DENIALS + 8 * index;
      return [this.#get(row), this.#get(row + 4)] as const;
    });
  }

  sums(): WalkSums {
    const number = (cell: number): number => Number(this.#memory.readBigInt64LE(cell));
    return {
      permitted: this.#get(B.CELL_PERMITTED),
      bytesIn: number(B.CELL_BYTES_IN),
      bytesOut: number(B.CELL_BYTES_OUT),
      ...sumsOf(this.#tables, this.#memory),
    };
  }

  #get(cell: number): number {
    return this.#memory.readInt32LE(cell);
  }

  #set(cell: number, value: number): void {
    this.#memory.writeInt32LE(value, cell);
  }
}

/** The kernel adds a delta of 32 bits to the one and of 61 to the other; places have offsets of 48 bits. */
const OFFSET_MAX = 2n ** 48n - 2n ** 32n;
const TIME_MAX = 2n ** 61n;

/** Offsets that are compared have 64 bits. */
const clamped = (offset: bigint): bigint => (offset > OFFSET_MAX * 2n ? OFFSET_MAX * 2n : offset);
