import type { FrameSummary, Side } from "./frame-summary.ts";
import { HeldPartition } from "./held-partition.ts";
import { InStep } from "./in-step.ts";
import type { Reconciliation } from "./reconciliation.ts";
import { type Beginning, headOf, liveHead } from "./segments.ts";

/** How much of two logs may be held at a time. */
export interface Room {
  /** Frames of the subscriber's log that are held, counted from the newest one read; twice as many of the publisher's. */
  readonly recent: number;
  /** Of these how many the publisher's log may be ahead of the subscriber's. */
  readonly ahead: number;
  /** Newest frames of each chain that are held besides, however old they are: a partition may rest for long; and of all chains. */
  readonly newest: { readonly ofEach: number; readonly ofAll: number };
  /** Partitions, and chains in them. */
  readonly segmentsMax: number;
}

/** Some MiB: a frame is half a KiB. */
const ROOM: Room = {
  recent: 2_048,
  ahead: 1_024,
  newest: { ofEach: 32, ofAll: 4_096 },
  segmentsMax: 32_768,
};

/**
 * Holds the publisher's log of an agreement against the subscriber's, both in the order of their logs and read at the same time.
 * Each chain is held against itself: what came before a reset stays true, and what a replay brought again is no record
 * twice. What both logs have passed is let go, but for the state of its chain: memory grows with what differs, and not with the
 * logs, and never beyond `room`.
 */
export class Reconciling {
  readonly #agreement: string;
  readonly #room: Room;
  readonly #inStep: InStep;
  readonly #partitions = new Map<number, HeldPartition>();
  readonly #beginnings = new Map<string, Beginning>();
  readonly #read: Record<Side, number> = { publisher: 0, subscriber: 0 };
  #segments = 0;
  #held = 0;
  /** So many frames are held when it is looked which of them are settled. */
  #heldMax: number;
  #stopped: string | undefined;

  constructor(agreement: string, room: Room = ROOM) {
    this.#agreement = agreement;
    this.#room = room;
    this.#inStep = new InStep(room.ahead);
    this.#heldMax = 4 * room.recent;
  }

  /** Frames that are held now, and digests of forgotten ones. */
  get held(): number {
    return [...this.#partitions.values()].reduce(
      (sum, { heldCount, forgottenCount }) => sum + heldCount + forgottenCount,
      0,
    );
  }

  /** The log from which the next frame is to be taken; undefined: nothing more is to be read. */
  next(): Side | undefined {
    return this.#stopped === undefined ? this.#inStep.next() : undefined;
  }

  /** The next frame of a log. */
  take(side: Side, summary: FrameSummary): void {
    this.#inStep.took(side, summary);
    this.#partitionOf(summary.partition).take(side, { summary, place: this.#read[side]++ });
    this.#held += 1;
    if (this.#held >= this.#heldMax) this.#settle();
  }

  /** A log has no more frames. */
  end(side: Side): void {
    this.#inStep.ended(side);
  }

  /** Our own log knows where a chain begins. */
  begin(beginning: Beginning): void {
    const key = JSON.stringify(beginning);
    if (this.#beginnings.has(key)) return;
    this.#beginnings.set(key, beginning);
    for (const [partition, held] of this.#partitions) this.#beginIn(held, partition, beginning);
    this.#count();
  }

  conclude(): Reconciliation {
    const numbers = [...this.#partitions.keys()].sort((a, b) => a - b);
    const partitions = numbers.flatMap((number) => this.#partitions.get(number)?.conclude() ?? []);
    const isSound = partitions.every(({ discrepancies }) => discrepancies.length === 0);
    const stopped = this.#stopped;
    return {
      agreed: isSound && stopped === undefined,
      ...(stopped !== undefined && { stopped }),
      partitions,
    };
  }

  #partitionOf(partition: number): HeldPartition {
    const known = this.#partitions.get(partition);
    if (known !== undefined) return known;
    const held = new HeldPartition(liveHead(this.#agreement, partition));
    this.#partitions.set(partition, held);
    for (const beginning of this.#beginnings.values()) this.#beginIn(held, partition, beginning);
    this.#count();
    return held;
  }

  #beginIn(held: HeldPartition, partition: number, beginning: Beginning): void {
    const head = headOf(beginning, this.#agreement, partition);
    if (head !== undefined) held.begin(head);
  }

  #count(): void {
    const { segmentsMax } = this.#room;
    this.#segments = [...this.#partitions.values()].reduce((sum, { segmentCount }) => sum + segmentCount, 0);
    if (this.#segments > segmentsMax)
      this.#stopped ??= `The logs name more than ${segmentsMax} partitions and chains in them.`;
  }

  #settle(): void {
    const { recent, newest } = this.#room;
    const ofEach = Math.max(1, Math.min(newest.ofEach, Math.floor(newest.ofAll / this.#segments)));
    // The publisher's log is ahead, and holds more: what is the same frame under two digests is to be found together.
    const from = { publisher: this.#read.publisher - 2 * recent, subscriber: this.#read.subscriber - recent };
    this.#held = 0;
    for (const held of this.#partitions.values()) {
      held.settle({ from, newest: ofEach });
      this.#held += held.heldCount;
    }
    this.#heldMax = this.#held + Math.max(recent, Math.floor(this.#held / 2));
    if (this.#held > 4 * (recent + ofEach * this.#segments))
      this.#stopped ??= `The logs hold more versions of the same frames than are compared (${this.#held}).`;
  }
}

/** The same for two logs that are at hand. */
export function reconcile(
  agreement: string,
  publisher: readonly FrameSummary[],
  subscriber: readonly FrameSummary[],
  beginnings: readonly Beginning[] = [],
  room: Room = ROOM,
): Reconciliation {
  const reconciling = new Reconciling(agreement, room);
  for (const beginning of beginnings) reconciling.begin(beginning);
  const logs = { publisher: publisher.values(), subscriber: subscriber.values() };
  for (let side = reconciling.next(); side !== undefined; side = reconciling.next()) {
    const { value, done } = logs[side].next();
    if (done === true) reconciling.end(side);
    else reconciling.take(side, value);
  }
  return reconciling.conclude();
}
