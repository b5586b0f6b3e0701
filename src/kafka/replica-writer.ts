import assert from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { MeshError } from "../kernel/error.ts";
import type { ReplicaLink, ReplicaWrite, TargetCursor, TransactionalWriter } from "../kernel/ports.ts";
import type { Cluster } from "./cluster.ts";
import { toMeshError } from "./fault.ts";
import { Line, type Ticket } from "./line.ts";
import { asBuffer } from "./record-batch.ts";
import type { TransactionalProducer } from "./transaction.ts";

/** A broker that does not answer would hold up the next writer by as long as it takes to give up on it. */
const ABORT_MS = 1_000;

/** A transactional id and the line of those who want it. */
interface Seat {
  readonly producer: TransactionalProducer;
  readonly line: Line;
}

/** What one transaction waits for. */
interface Turn {
  readonly producer: TransactionalProducer;
  readonly seat: Ticket;
  readonly write: Ticket;
  readonly offsets: Ticket;
  readonly end: Ticket;
}

/**
 * Transactions overlap, each with an id of its own, and yet come out in the order of the calls: the records of one are
 * stored before those of the next are sent, so are its cursors, and so is its end. Of cursors in the log the later one
 * counts, whichever transaction ends last; so their order is as much a matter of life as that of the records.
 * A transaction dies with the one before it.
 */
export class KafkaReplicaWriter implements TransactionalWriter {
  readonly cursors: ReadonlyMap<number, TargetCursor>;
  readonly empty: ReadonlySet<number>;
  readonly #cluster: Cluster;
  readonly #link: ReplicaLink;
  readonly #seats: readonly Seat[];
  readonly #write = new Line();
  readonly #offsets = new Line();
  readonly #end = new Line();
  #calls = 0;
  #running = 0;
  #dead: MeshError | undefined;

  constructor(
    cluster: Cluster,
    link: ReplicaLink,
    producers: readonly TransactionalProducer[],
    cursors: ReadonlyMap<number, TargetCursor>,
    empty: ReadonlySet<number>,
  ) {
    this.#cluster = cluster;
    this.#link = link;
    this.#seats = producers.map((producer) => ({ producer, line: new Line() }));
    this.cursors = cursors;
    this.empty = empty;
  }

  async commit(writes: readonly ReplicaWrite[]): Promise<void> {
    await this.commitAfter(Promise.resolve(), writes);
  }

  async commitAfter(durable: Promise<void>, writes: readonly ReplicaWrite[]): Promise<void> {
    if (this.#dead !== undefined) throw this.#dead;
    if (writes.length === 0) return;
    const turn = this.#draw();
    this.#running += 1;
    try {
      await this.#transact(turn, writes, durable);
    } catch (error) {
      this.#dead ??= toMeshError(error, `write to the replica topic ${this.#link.topic}`);
      throw this.#dead;
    } finally {
      for (const ticket of [turn.seat, turn.write, turn.offsets, turn.end]) ticket.leave();
      this.#running -= 1;
      if (this.#dead !== undefined && this.#running === 0) this.#cluster.close();
    }
  }

  async close(): Promise<void> {
    const { turn, leave } = this.#end.draw();
    await turn;
    leave();
    this.#cluster.close();
  }

  cut(): void {
    this.#dead ??= new MeshError("KAFKA_UNAVAILABLE", `The writing to ${this.#link.topic} was cut off here.`);
    this.#cluster.close();
  }

  /** All at once, so that every line has the order of the calls. */
  #draw(): Turn {
    const seat = this.#seats[this.#calls % this.#seats.length];
    assert(seat !== undefined, "the turn goes round among the seats");
    this.#calls += 1;
    return {
      producer: seat.producer,
      seat: seat.line.draw(),
      write: this.#write.draw(),
      offsets: this.#offsets.draw(),
      end: this.#end.draw(),
    };
  }

  async #transact(
    { producer, seat, write, offsets, end }: Turn,
    writes: readonly ReplicaWrite[],
    durable: Promise<void>,
  ): Promise<void> {
    await seat.turn;
    await this.#turnOf(write);
    try {
      await producer.write(batchesOf(writes));
      write.leave();
      await this.#turnOf(offsets);
      await producer.commitOffsets(this.#link.group, offsetsOf(writes), this.#link.share);
      offsets.leave();
      await this.#turnOf(end);
      await durable;
    } catch (error) {
      this.#dead ??= toMeshError(error, `write to the replica topic ${this.#link.topic}`);
      await Promise.race([producer.abort(), sleep(ABORT_MS, undefined, { ref: false })]);
      throw error;
    }
    await producer.end();
  }

  /** Throws when a transaction before this one failed. */
  async #turnOf(ticket: Ticket): Promise<void> {
    await ticket.turn;
    if (this.#dead !== undefined) throw this.#dead;
  }
}

const batchesOf = (writes: readonly ReplicaWrite[]) =>
  writes.flatMap(({ partition, batch }) =>
    batch === undefined ? [] : [{ partition, batch: asBuffer(batch) }],
  );

/** The last cursor of each partition. */
function offsetsOf(writes: readonly ReplicaWrite[]) {
  const cursors = new Map(writes.map(({ partition, cursor }) => [partition, cursor]));
  return [...cursors].map(([partition, { sequence, metadata }]) => ({
    partition,
    offset: sequence,
    metadata,
  }));
}
