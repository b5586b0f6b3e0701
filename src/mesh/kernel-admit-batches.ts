import { Buffer } from "node:buffer";
import { LIMITS } from "../kernel/limits.ts";
import type { BatchLook, RecordCodec, SourceBatch } from "../kernel/ports.ts";
import type { Reason } from "../kernel/reason.ts";
import type { KafkaRecord } from "../kernel/record.ts";
import type { LoadedPlan } from "../policy/kernel/kernel.ts";
import type { KernelWalk } from "../policy/kernel/walk.ts";
import { SummaryTally } from "./admission-summary.ts";
import { type Admitted, admitRecord, isIn } from "./admit.ts";
import { eventIdsOf, placesOf } from "./place.ts";
import type { Route } from "./route.ts";

/** A plan that the kernel executes on whole batches. */
export interface BatchPlan {
  readonly loaded: LoadedPlan;
  /** Why records are denied, by what the kernel knows such a denial by: found out from the first record of the kind. */
  readonly reasons: Map<number, readonly Reason[]>;
}

/** Decides a run by the kernel, batch by batch; records that are not the kernel's are decided by `admitRecord`, in their place. */
export function admitBatches(
  codec: RecordCodec,
  plan: BatchPlan,
  batch: SourceBatch,
  route: Route,
  sequence: number,
  now: number,
): Admitted {
  const run = new BatchRun(codec, plan, batch, route, sequence, now);
  for (const bytes of batch.batches) run.add(bytes);
  return run.end();
}

class BatchRun {
  readonly #codec: RecordCodec;
  readonly #plan: BatchPlan;
  readonly #route: Route;
  readonly #batch: SourceBatch;
  readonly #now: number;
  readonly #walk: KernelWalk;
  readonly #tally = new SummaryTally();
  /** Records that leave and had to make room in the kernel's memory. */
  readonly #taken: Uint8Array[] = [];

  constructor(
    codec: RecordCodec,
    plan: BatchPlan,
    batch: SourceBatch,
    route: Route,
    sequence: number,
    now: number,
  ) {
    this.#codec = codec;
    this.#plan = plan;
    this.#batch = batch;
    this.#route = route;
    this.#now = now;
    const { partition, offset: from } = batch.from;
    const until = batch.next.offset;
    const { agreement, topicId, opaque } = route;
    const names = {
      ids: eventIdsOf(topicId, opaque),
      places: placesOf({ agreement, topicId, partition }, opaque),
    };
    this.#walk = plan.loaded.walk({ partition, sequence, now, from, until, names });
  }

  add(bytes: Uint8Array): void {
    const look = this.#codec.look(bytes);
    if (look.count === 0) return;
    if (!this.#walk.begin(look)) {
      this.#decideAll(bytes, 0);
      return;
    }
    const isUnpacked = look.codec === "lz4" && this.#walk.unpackLz4(look.packed);
    const plain = isUnpacked ? undefined : this.#codec.unpack(look, LIMITS.batchPlainBytesMax);
    const isSound = this.#walkThrough(look, plain);
    this.#takeDenials(look.baseOffset);
    if (!isSound) this.#decideAll(bytes, look.count - this.#walk.left);
  }

  /** Walks the records of a batch: those that lie in the kernel's memory, or those of `plain`. False: they are not sound from one on. */
  #walkThrough(look: BatchLook, plain: Uint8Array | undefined): boolean {
    // What the kernel has at hand begins here in `plain`.
    let given = 0;
    if (plain !== undefined) this.#walk.give(plain, 0);
    for (;;) {
      const stop = this.#walk.next();
      const { bytes, at } = this.#walk.plain;
      switch (stop) {
        case "done":
          return true;
        case "doubt":
          return false;
        case "host":
          this.#decideOne(look, bytes, at);
          break;
        case "full":
          this.#takeRecords();
          this.#takeDenials(look.baseOffset);
          break;
        case "more":
          if (plain === undefined) return false;
          given += at;
          if (at === 0) given += this.#decideOne(look, plain, given);
          this.#walk.give(plain, given);
      }
    }
  }

  /** Decides the record at hand, which begins at `at`; its bytes. */
  #decideOne(look: BatchLook, plain: Uint8Array, at: number): number {
    const { record, next } = this.#codec.read(plain, at, look);
    // Denials stand in the order of their offsets.
    this.#takeDenials(look.baseOffset);
    const reasons = isIn(this.#batch, record) ? this.#decide(record) : undefined;
    const { denial } = this.#walk;
    if (reasons !== undefined && denial !== 0) {
      this.#plan.reasons.set(denial, reasons);
      this.#walk.know(denial);
    }
    this.#walk.pass(next - at);
    return next - at;
  }

  /** Decides the records of a batch from the one of this number on, by the codec's own reading of it. */
  #decideAll(bytes: Uint8Array, first: number): void {
    const records = this.#codec.decode(bytes, OFFSET_MIN, LIMITS.batchPlainBytesMax);
    for (const record of records.slice(first)) if (isIn(this.#batch, record)) this.#decide(record);
  }

  /** Decides one record by the reference implementation, and puts it in its place. The reasons, if it is denied. */
  #decide(record: KafkaRecord): readonly Reason[] | undefined {
    const { sequence, index, base } = this.#walk.place;
    const place = { partition: this.#batch.from.partition, sequence };
    const admission = admitRecord(record, this.#route, place, this.#now);
    if (admission.effect === "deny") {
      this.#tally.deny(record, admission.reasons);
      return admission.reasons;
    }
    const { record: leaving, fields } = admission;
    this.#tally.permit(record, leaving, fields);
    const bytes = this.#codec.write(leaving, index, base ?? leaving.timestamp);
    if (this.#walk.put(bytes, leaving.timestamp)) return undefined;
    this.#takeRecords();
    if (this.#walk.put(bytes, leaving.timestamp)) return undefined;
    this.#taken.push(bytes);
    this.#walk.count(leaving.timestamp);
    return undefined;
  }

  #takeRecords(): void {
    this.#taken.push(Buffer.from(this.#walk.takeRecords()));
  }

  #takeDenials(baseOffset: bigint): void {
    for (const [offset, denial] of this.#walk.takeDenials())
      this.#tally.denyAs(baseOffset + BigInt(offset), this.#plan.reasons.get(denial) ?? []);
  }

  end(): Admitted {
    this.#tally.add(this.#walk.sums());
    const { index: count, base: baseTimestamp } = this.#walk.place;
    const last = this.#walk.takeRecords();
    const plain = this.#taken.length === 0 ? last : Buffer.concat([...this.#taken, last]);
    const body =
      baseTimestamp === undefined
        ? undefined
        : this.#codec.seal(plain, { count, baseTimestamp, maxTimestamp: this.#walk.latest });
    return { body, count, summary: this.#tally.summary(this.#batch) };
  }
}

/** Below every offset. */
const OFFSET_MIN = -(2n ** 63n);
