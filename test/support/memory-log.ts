import { recordCodec } from "../../src/kafka/record-codec.ts";
import type { KafkaRecord } from "../../src/kernel/record.ts";

/** Where the leader epoch stands in a RecordBatch v2: before what the checksum covers, like the base offset. */
const LEADER_EPOCH_AT = 12;

/** What stands at some offsets of a log. */
export interface Stretch {
  readonly base: bigint;
  /** The next offset after it. */
  readonly end: bigint;
  /** Of the leader that appended it. */
  readonly epoch: number;
  /** RecordBatch v2 with base offset and leader epoch in it; undefined: a marker, or records that nobody sees. */
  readonly batch: Uint8Array | undefined;
  /** Changes when its transaction ends. */
  state: "committed" | "aborted" | "open";
  /** A broken disk: its checksum does not hold. */
  isCorrupt: boolean;
}

/** One partition. */
export class MemoryLog {
  #stretches: Stretch[] = [];
  #epoch = 0;
  start = 0n;
  end = 0n;

  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Whether anything committed was ever written here. */
  get isUntouched(): boolean {
    return (
      this.start === 0n &&
      this.#stretches.every(({ batch, state }) => batch === undefined || state === "aborted")
    );
  }

  /** The last stable offset: nothing from the first open transaction on is shown to a read_committed reader. */
  get stable(): bigint {
    return this.#stretches.find(({ state }) => state === "open")?.base ?? this.end;
  }

  /** `open`: as part of a transaction that has not ended. */
  append(batch: Uint8Array, count: number, state: Stretch["state"] = "committed"): Stretch {
    const stamped = Buffer.from(batch);
    stamped.writeBigInt64BE(this.end, 0);
    stamped.writeInt32BE(this.#epoch, LEADER_EPOCH_AT);
    return this.#add(BigInt(count), stamped, state);
  }

  /** Offsets that hold nothing for a read_committed reader. */
  skip(offsets: number): void {
    this.#add(BigInt(offsets), undefined, "committed");
  }

  /** Retention, or a deletion of records: may cut inside a batch. */
  truncateBelow(offset: bigint): void {
    this.start = offset;
    this.#stretches = this.#stretches.filter(({ end }) => end > offset);
  }

  /** A replica that was behind becomes the leader: what stands from a batch's `base` on was never there. */
  cutBack(base: bigint): void {
    this.#stretches = this.#stretches.filter((stretch) => stretch.base < base);
    this.end = base;
    this.#epoch += 1;
  }

  /** A replica that has everything becomes the leader. */
  changeLeader(): void {
    this.#epoch += 1;
  }

  /** The log takes another course before `offset` than the reader of that epoch knows (KIP-320). */
  hasLeft(offset: bigint, epoch: number): boolean {
    return epoch >= 0 && this.#stretches.some((stretch) => stretch.epoch > epoch && stretch.base < offset);
  }

  /** What a read_committed reader sees. */
  get visible(): readonly Stretch[] {
    const { stable } = this;
    return this.#stretches.filter(({ end, state }) => end <= stable && state === "committed");
  }

  records(): readonly KafkaRecord[] {
    return this.visible.flatMap(({ batch }) =>
      batch === undefined ? [] : recordCodec.decode(batch, this.start, 64 * 1024 * 1024),
    );
  }

  #add(offsets: bigint, batch: Uint8Array | undefined, state: Stretch["state"]): Stretch {
    const base = this.end;
    this.end += offsets;
    const stretch = { base, end: this.end, epoch: this.#epoch, batch, state, isCorrupt: false };
    this.#stretches.push(stretch);
    return stretch;
  }
}
