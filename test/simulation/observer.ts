import { frameSummaries } from "../../src/audit/frame-summary.ts";
import { reconcile } from "../../src/audit/reconcile.ts";
import type { ByteSink } from "../../src/kernel/endpoint.ts";
import type { ReplicaSink, TransactionalWriter } from "../../src/kernel/ports.ts";
import { REPLICA } from "../bridge/two-gateways.ts";
import { AGREEMENT } from "../mesh/two-companies.ts";
import type { Call, MemoryCluster } from "../support/memory-cluster.ts";
import { wholeFrames } from "../support/wire-frames.ts";
import type { Office, Shelf } from "./companies.ts";
import type { History, Produced } from "./history.ts";
import { Ledger, placeOf } from "./ledger.ts";
import { plainCodec } from "./plain-codec.ts";

/** How long after an agreement's end a frame may still leave: DESIGN §2.8. */
const CUT_MS = 1_000;
/** What two sockets may hold of a stream, and a frame. */
const HELD_BYTES_MAX = 128 * 1024;

/** Looks at everything from outside of both companies, and says where an invariant does not hold. */
export class Observer {
  readonly violations: string[] = [];
  readonly ledgers = { publisher: new Ledger(), subscriber: new Ledger() } as const;
  readonly #texts = new WeakMap<Uint8Array, readonly string[]>();
  readonly #seen = new Map<string, string>();
  readonly #target: MemoryCluster;
  readonly #history: History;
  readonly #now: () => number;
  /** Whether the second bundle was ever in force: then it is open which of its records left. */
  hadSecondBundle = false;

  constructor(target: MemoryCluster, history: History, now: () => number) {
    this.#target = target;
    this.#history = history;
    this.#now = now;
  }

  #violated(what: string): void {
    if (this.violations.length < 20) this.violations.push(what);
  }

  /** What leaves the publisher must have been decided durably, by an agreement and a plan in force. */
  leaving(out: ByteSink, office: Office, shelf: Shelf): ByteSink {
    return wholeFrames({
      write: async (frame) => {
        const bytes = Buffer.from(frame);
        const header = JSON.parse(bytes.toString("utf8", 6, 6 + bytes.readUInt16BE(4)));
        if (header.kind === "records") {
          if (!this.ledgers.publisher.places.has(placeOf(header)))
            this.#violated(`Frame ${placeOf(header)} left before its decision was durable.`);
          if (!office.isInForce && this.#now() - office.since > CUT_MS)
            this.#violated(`A frame left ${this.#now() - office.since} ms after the agreement's end.`);
        }
        if (header.count > 0 && header.plan !== shelf.planDigest)
          this.#violated("Records left that were decided by a plan that is over.");
        await out.write(frame);
      },
    });
  }

  /** A commit of records must not begin once the agreement has ended here. */
  committing(sink: ReplicaSink<TransactionalWriter>, office: Office): ReplicaSink<TransactionalWriter> {
    return {
      open: async (link, signal) => {
        const writer = await sink.open(link, signal);
        return {
          cursors: writer.cursors,
          empty: writer.empty,
          close: async () => await writer.close(),
          commit: async (writes) => await writer.commit(writes),
          commitAfter: async (durable, writes) => {
            // Cursors alone are committed again while a link rests, so that they don't expire.
            const hasRecords = writes.some(({ batch }) => batch !== undefined);
            if (hasRecords && !office.isInForce)
              this.#violated("A commit began after the agreement had ended here.");
            await writer.commitAfter(durable, writes);
          },
        };
      },
    };
  }

  /** What a transaction made visible must have been decided durably by both. */
  atTarget(call: Call): Call {
    return async (doing, deed) =>
      await call(doing, async () => {
        const answer = await deed();
        for (const [key, { metadata }] of this.#target.cursors) this.#committed(key, metadata);
        return answer;
      });
  }

  #committed(key: string, metadata: string): void {
    if (this.#seen.get(key) === metadata) return;
    this.#seen.set(key, metadata);
    const digest = metadata.split(" ")[0] ?? "";
    for (const side of ["publisher", "subscriber"] as const)
      if (!this.ledgers[side].frames.has(digest))
        this.#violated(`${key} was committed without a durable decision of the ${side}.`);
  }

  held(bytes: number): void {
    if (bytes > HELD_BYTES_MAX) this.#violated(`A connection held ${bytes} bytes.`);
  }

  /** Texts in a partition of the replica, as a read_committed reader sees them. */
  replica(partition: number): readonly string[] {
    const log = this.#target.topics.get(REPLICA)?.logs[partition];
    return (log?.visible ?? []).flatMap(({ batch }) => (batch === undefined ? [] : this.#textsOf(batch)));
  }

  #textsOf(batch: Uint8Array): readonly string[] {
    const known =
      this.#texts.get(batch) ??
      plainCodec.decode(batch, 0n, 1 << 20).map(({ value }) => Buffer.from(value ?? []).toString());
    this.#texts.set(batch, known);
    return known;
  }

  /** Whether everything that is to arrive in a partition is there. */
  isComplete(partition: number): boolean {
    const there = new Set(this.replica(partition));
    return (this.#history.records[partition] ?? []).every(
      (record) => !this.#mustArrive(record) || there.has(record.text),
    );
  }

  #mustArrive({ kind, stretch, gone }: Produced): boolean {
    const leaves = kind === "p" || (kind === "b" && !this.hadSecondBundle);
    return leaves && stretch.state === "committed" && gone === undefined;
  }

  /** At the end: what stands in the replica, and what both logs say of it. `hasForks`: several processes of one identity wrote. */
  conclude(hasForks: boolean): void {
    for (const [partition, records] of this.#history.records.entries())
      this.#followsSource(partition, records, this.replica(partition));
    const { publisher, subscriber } = this.ledgers;
    const told = reconcile(
      AGREEMENT,
      frameSummaries(publisher.decisions, AGREEMENT, "publisher"),
      frameSummaries(subscriber.decisions, AGREEMENT, "subscriber"),
    );
    for (const { partition, discrepancies, subscriber: totals } of told.partitions) {
      for (const { name } of discrepancies)
        if (name !== "fork" || !hasForks) this.#violated(`The logs of partition ${partition}: ${name}.`);
      const key = `tiermesh.${AGREEMENT} ${REPLICA} ${partition}`;
      const cursor = this.#target.cursors.get(key);
      const records = this.replica(partition).length;
      if (cursor !== undefined && Number(cursor.sequence) !== records)
        this.#violated(`Partition ${partition} has ${records} records, its cursor says ${cursor.sequence}.`);
      if (totals.records < records && !hasForks)
        this.#violated(`Partition ${partition} has ${records} records, the log says ${totals.records}.`);
    }
  }

  /** In order, without a double, and with nothing left out that was to come. */
  #followsSource(partition: number, records: readonly Produced[], replica: readonly string[]): void {
    const indexes = new Map(records.map(({ text }, index) => [text, index]));
    let next = 0;
    let first: Produced | undefined;
    let wasCut = false;
    for (const text of replica) {
      const index = indexes.get(text) ?? -1;
      const record = records[index];
      const where = `Partition ${partition} has ${text}`;
      if (record === undefined) {
        this.#violated(`${where}, which nobody produced.`);
        return;
      }
      if (index < next) this.#violated(`${where} twice, or out of order.`);
      this.#belongs(record, where, first, wasCut);
      for (const skipped of records.slice(next, index))
        if (isOwed(skipped, first === undefined) && this.#mustArrive({ ...skipped, gone: undefined }))
          this.#violated(`${where}, but ${skipped.text} before it is missing.`);
      wasCut ||= record.gone === "cut";
      first ??= record;
      next = Math.max(next, index + 1);
    }
  }

  #belongs(record: Produced, where: string, first: Produced | undefined, wasCut: boolean): void {
    if (record.stretch.state !== "committed") this.#violated(`${where}, which was not committed.`);
    if (record.kind === "d") this.#violated(`${where}, which was denied.`);
    if (first !== undefined && first.generation !== record.generation)
      this.#violated(`${where} beside records of a topic and of the one that took its name.`);
    if (wasCut && record.gone !== "cut") this.#violated(`${where} after records that its source lost.`);
  }
}

/** What was gone before a link began is not owed, nor is what its source lost before the link came to it. */
const isOwed = ({ gone }: Produced, before: boolean): boolean =>
  gone === undefined || (gone !== "cut" && !before);
