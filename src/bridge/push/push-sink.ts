import { discard } from "../../kernel/discard.ts";
import { MeshError } from "../../kernel/error.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { Clock, ReplicaWrite, ReplicaWriter, TargetCursor } from "../../kernel/ports.ts";
import type { Emit } from "../../kernel/signal.ts";
import { firstPlaces } from "../frames/first-places.ts";
import type { FrameDraft } from "../frames/frame-chain.ts";
import { Linger } from "../linger.ts";
import type { Outgoing } from "../publish/outgoing.ts";
import { type CurrentPublication, inForce, type Publication, stillDecides } from "../publish/publication.ts";
import type { Beginning } from "../share/beginning.ts";
import { areStale, standing } from "../standing.ts";

/** Transactions under way at once: one is written while the one before is completed. */
const UNDER_WAY_MAX = 2;

export interface PushSinkPorts {
  readonly current: CurrentPublication;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Nothing more is written once it aborts. */
  readonly signal: AbortSignal;
  /** Absent: this process has the whole link. */
  readonly beginning?: Beginning;
}

/**
 * Writes what was decided into a partner's Kafka. While transactions are under way, what comes collects for the next one, so
 * that they are small when the link is idle and large under load. The quota is paid for between them.
 */
export class PushSink {
  readonly #writer: ReplicaWriter;
  readonly #ports: PushSinkPorts;
  readonly #underWay = new Set<Promise<void>>();
  readonly #broken = new AbortController();
  readonly #linger: Linger;
  /** Aborts when nothing more is to be written. */
  readonly #ending: AbortSignal;
  /** What is committed, or is going to be before anything that comes later, by partition. */
  readonly #cursors: Map<number, TargetCursor>;
  #waiting: FrameDraft[] = [];
  #bytes = 0;
  #running = Promise.resolve();
  #isRunning = false;
  #taken = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;
  /** Zero: how old the cursors of an earlier process are is not known. */
  #committedAt = 0;

  constructor(writer: ReplicaWriter, ports: PushSinkPorts) {
    this.#writer = writer;
    this.#ports = ports;
    this.#cursors = new Map(writer.cursors);
    this.#linger = new Linger(ports.clock);
    this.#ending = AbortSignal.any([ports.signal, this.#broken.signal]);
  }

  /** Aborts with the first failure: nothing more is to be read. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Is it time to commit the cursors again, because nothing else was committed for long? `now` in ms since 1970. */
  isStale(now: number): boolean {
    return areStale(this.#committedAt, now) && this.#cursors.size > 0;
  }

  /** Takes frames whose decisions are durable; resolves when there is room for more. Throws what stopped the writing. */
  async commit({ drafts }: Pick<Outgoing, "drafts">): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#waiting.push(...drafts);
    this.#bytes += drafts.reduce((sum, { body }) => sum + body.length, 0);
    this.#linger.wake();
    this.#start();
    while (this.#bytes >= LIMITS.transactionBytesTarget && this.#failure === undefined)
      await this.#taken.promise;
  }

  /** Commits the cursors as they are. */
  async renew(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.#writer.commit(standing(this.#cursors));
    this.#committedAt = this.#ports.clock.now();
  }

  /** Waits for all that was taken. Throws what stopped the writing. */
  async drained(): Promise<void> {
    await this.#running;
    await Promise.all(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #start(): void {
    if (this.#isRunning || this.#waiting.length === 0) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  /** It says that it ends in the same breath in which it looks for the last time: what comes then starts it again. */
  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && this.#failure === undefined) {
        await this.#linger.over(() => this.#waiting, this.#ending);
        await this.#rest();
        if (this.#underWay.size >= UNDER_WAY_MAX) await Promise.race(this.#underWay);
        if (this.#failure === undefined) this.#write(this.#take());
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
  }

  #take(): readonly FrameDraft[] {
    const { first, rest } = firstPlaces(this.#waiting, this.#cursors);
    if (first.length > 0) {
      // Without a record they weigh nothing.
      this.#waiting = rest;
      return first;
    }
    this.#waiting = [];
    this.#bytes = 0;
    this.#makeRoom();
    return rest;
  }

  #makeRoom(): void {
    const { resolve } = this.#taken;
    this.#taken = Promise.withResolvers();
    resolve();
  }

  /** Until what was written before is paid for; what is not in force any more does not leave. */
  async #rest(): Promise<void> {
    const { clock, signal } = this.#ports;
    for (let ms = this.#inForce().meter.waitMs(clock.now()); ms > 0; ) {
      await clock.sleep(ms, signal);
      ms = this.#inForce().meter.waitMs(clock.now());
    }
  }

  #inForce(): Publication {
    if (this.#ports.signal.aborted)
      throw new MeshError("AGREEMENT_NOT_IN_FORCE", "The link was stopped before this commit.");
    return inForce(this.#ports.current);
  }

  #write(drafts: readonly FrameDraft[]): void {
    const publication = this.#inForce();
    const { agreement, meter, route } = publication;
    for (const { header } of drafts) stillDecides(publication, header);
    const writes = drafts.map(writeOf);
    for (const { cursor } of writes) this.#cursors.set(cursor.partition, cursor);
    const records = writes.reduce((sum, { count }) => sum + count, 0);
    const bytes = drafts.reduce((sum, { body }) => sum + body.length, 0);
    meter.spend(route.plan.quota, records, bytes);
    const about = { agreement: agreement.id, partner: agreement.consumer };
    const { beginning, clock, emit } = this.#ports;
    const writing = this.#writer
      .commit(writes)
      .then(() => {
        for (const { body } of drafts) discard(body);
        this.#committedAt = clock.now();
        emit({ name: "link.frame.committed", ...about, count: writes.length });
        emit({ name: "link.records.committed", ...about, count: records });
        beginning?.committed(writes);
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#underWay.delete(writing));
    this.#underWay.add(writing);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#broken.abort();
    this.#makeRoom();
  }
}

/** A frame as the target holds it: its batch, and as the cursor's metadata its digest and the place behind it. */
function writeOf({ header, body, digest }: FrameDraft): ReplicaWrite {
  const { partition, sequence, count } = header;
  const cursor = {
    partition,
    sequence: BigInt(sequence + count),
    metadata: `${digest} ${header.cursor}`,
  };
  return { partition, batch: count > 0 ? body : undefined, count, cursor };
}
