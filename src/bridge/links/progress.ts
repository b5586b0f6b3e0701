import type { SourceBatch } from "../../kernel/ports.ts";
import { maxTimestampOf } from "../frames/batch-fields.ts";

/** What a run says of its partition. */
export interface Place {
  readonly partition: number;
  /** Source offsets between what was read and the end as it was then. */
  readonly left: bigint;
  /** Timestamp of the newest record read, ms since 1970; undefined: none was. */
  readonly newest: number | undefined;
}

/** How far behind something that is read is. Offsets of markers and of compacted records count as records: nobody can tell them apart. */
export interface Lag {
  readonly records: number;
  /** Age of the newest record that was read where there are more; 0: nothing is left. */
  readonly ms: number;
}

/** A partition that can't be read on. */
interface HaltedPartition {
  /** ErrorCode. */
  readonly code: string;
  /** Ms since 1970. */
  readonly since: number;
}

/** Where a run leaves its partition. Looks at its last batch only. */
export function placeOf({ next, end, batches }: Pick<SourceBatch, "next" | "end" | "batches">): Place {
  const last = batches.at(-1);
  const left = end > next.offset ? end - next.offset : 0n;
  const newest = last && maxTimestampOf(last);
  // A record may have no time, which is written as one before all others.
  return { partition: next.partition, left, newest: newest === undefined || newest < 0 ? undefined : newest };
}

/** How far the reading of a stream's partitions has come, and which of them it can't go on with. */
export class Progress {
  readonly #places = new Map<number, Place>();
  readonly #halted = new Map<number, HaltedPartition>();

  get halted(): ReadonlyMap<number, HaltedPartition> {
    return this.#halted;
  }

  take(place: Place): void {
    const { partition } = place;
    const newest = place.newest ?? this.#places.get(partition)?.newest;
    this.#places.set(partition, { ...place, newest });
  }

  /** `now` in ms since 1970. */
  halt(partition: number, code: string, now: number): void {
    this.#halted.set(partition, { code, since: now });
  }

  /** `now` in ms since 1970. */
  lag(now: number): Lag {
    let records = 0n;
    let ms = 0;
    for (const { left, newest } of this.#places.values()) {
      records += left;
      if (left > 0n && newest !== undefined) ms = Math.max(ms, now - newest);
    }
    return { records: Number(records), ms };
  }
}
