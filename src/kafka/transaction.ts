import assert from "node:assert";
import type { Cluster, TopicMetadata } from "./cluster.ts";
import type { BrokerConnection } from "./connection.ts";
import { BUSY, Coordinators } from "./coordinators.ts";
import { passes } from "./fault.ts";
import { asRebalance } from "./group-fault.ts";
import { type Patience, patient } from "./patience.ts";
import { type ProducePart, produceApi, readProduce, requestsOf, writeProduce } from "./produce-request.ts";
import { ADD_OFFSETS, INIT_PRODUCER_ID } from "./producer-requests.ts";
import { BATCH, stampBatch } from "./record-batch.ts";
import { LOOK_AFTER_MS, sameReplica } from "./replica-topic.ts";
import {
  ADD_PARTITIONS,
  type Committer,
  endTxnApi,
  NOBODY,
  type OffsetCommit,
  type ProducerIdentity,
  readEndTxn,
  readPartitionErrors,
  txnOffsetCommitApi,
  writeAddPartitions,
  writeEndTxn,
  writeTxnOffsetCommit,
} from "./transaction-requests.ts";

/** After this long without EndTxn the coordinator aborts: how long a dead gateway may hold read_committed readers up. */
const TRANSACTION_TIMEOUT_MS = 60_000;
/** Sequences are 31 bits and begin again at 0. */
const SEQUENCE_END = 0x8000_0000;

/** Nobody waits for an abort; it only spares the readers the timeout. */
const ABORTING: Patience = { deadlineMs: 1_000, firstDelayMs: 5, maxDelayMs: 50 };
const FENCING: Patience = { deadlineMs: 30_000, firstDelayMs: 5, maxDelayMs: 200 };

/** The two protocols of transactions: which request says what. Version 2 (KIP-890) adds partitions and groups implicitly. */
const DIALECTS = {
  v1: { produce: 9, offsets: 3, end: 3, addsExplicitly: true },
  v2: { produce: 12, offsets: 5, end: 5, addsExplicitly: false },
} as const;

export type Dialect = keyof typeof DIALECTS;

/** A batch to write, RecordBatch v2. */
export interface TransactionalWrite {
  readonly partition: number;
  readonly batch: Buffer;
}

/**
 * One transactional id held by this process. One transaction at a time: `write`, `commitOffsets`, then `end` or `abort`.
 * After a failure it is of no more use. Every step throws BrokerFault and MeshError.
 */
export class TransactionalProducer {
  readonly #cluster: Cluster;
  readonly #dialect: (typeof DIALECTS)[Dialect];
  readonly #coordinators: Coordinators;
  /** Next sequence per partition; begins again at 0 with every epoch. */
  readonly #sequences = new Map<number, number>();
  #topic: TopicMetadata;
  #writtenAt = performance.now();
  #who: ProducerIdentity;

  private constructor(cluster: Cluster, topic: TopicMetadata, who: ProducerIdentity, dialect: Dialect) {
    this.#cluster = cluster;
    this.#coordinators = new Coordinators(cluster);
    this.#topic = topic;
    this.#who = who;
    this.#dialect = DIALECTS[dialect];
  }

  /**
   * Takes the id over: every other holder is fenced and its open transaction completed or aborted before this resolves.
   * Throws KAFKA_UNAVAILABLE, KAFKA_DENIED, KAFKA_REFUSED.
   */
  static async open(
    cluster: Cluster,
    topic: TopicMetadata,
    transactionalId: string,
    dialect: Dialect,
    signal: AbortSignal,
  ): Promise<TransactionalProducer> {
    const who = await takeOver(cluster, transactionalId, signal);
    return new TransactionalProducer(cluster, topic, who, dialect);
  }

  /** Stores the batches, in order per partition, for nobody to see yet. Resolves when all of them are acknowledged. */
  async write(writes: readonly TransactionalWrite[]): Promise<void> {
    if (performance.now() - this.#writtenAt > LOOK_AFTER_MS)
      this.#topic = await sameReplica(this.#cluster, this.#topic);
    await this.#writeAll(writes);
    this.#writtenAt = performance.now();
  }

  async #writeAll(writes: readonly TransactionalWrite[]): Promise<void> {
    const [first, ...others] = requestsOf(this.#stamped(writes));
    if (first === undefined) return;
    const partitions = [...new Set(writes.map(({ partition }) => partition))];
    if (this.#dialect.addsExplicitly) await this.#addPartitions(partitions);
    // The broker adds partitions with the first request and may say that it is busy: what is behind would be out of order.
    await this.#producePatiently(first);
    if (others.length === 0) return;
    const connections = new Map<number, BrokerConnection>();
    for (const leader of new Set(partitions.map(this.#leaderOf())))
      connections.set(leader, await this.#cluster.broker(leader, "produce"));
    // Behind each other on the same connections: a broker works through one connection's requests in their order.
    const flights = others.map(async (request) => await this.#produce(request, connections));
    // Never EndTxn before every answer is in: it could commit a part.
    const lost = (await Promise.allSettled(flights)).find((flight) => flight.status === "rejected");
    if (lost !== undefined) throw lost.reason;
  }

  #stamped(writes: readonly TransactionalWrite[]): readonly ProducePart[] {
    return writes.map(({ partition, batch }) => {
      const sequence = this.#sequences.get(partition) ?? 0;
      this.#sequences.set(partition, (sequence + batch.readInt32BE(BATCH.count)) % SEQUENCE_END);
      const bytes = stampBatch(batch, { ...this.#who, baseSequence: sequence, transactional: true });
      return { partition, bytes };
    });
  }

  /**
   * The same stamps go out again: the broker knows a repeated sequence and stores it once. With version 2 one leader after the
   * other, because each adds its partitions at the coordinator, which makes a second addition wait for 20 ms.
   */
  async #producePatiently(parts: readonly ProducePart[]): Promise<void> {
    const leaderOf = this.#leaderOf();
    const inTurn = this.#dialect.addsExplicitly
      ? [parts]
      : Map.groupBy(parts, ({ partition }) => leaderOf(partition)).values();
    for (const together of inTurn) {
      await patient(`write to the topic ${this.#topic.name}`, BUSY, async () => {
        try {
          await this.#produce(together);
        } catch (error) {
          if (passes(error)) this.#topic = await sameReplica(this.#cluster, this.#topic);
          throw error;
        }
      });
    }
  }

  #leaderOf(): (partition: number) => number {
    const leaders = new Map(this.#topic.leaders.map((row) => [row.partition, row.leader]));
    return (partition) => leaders.get(partition) ?? -1;
  }

  async #produce(
    parts: readonly ProducePart[],
    connections: ReadonlyMap<number, BrokerConnection> = new Map(),
  ): Promise<void> {
    const { name } = this.#topic;
    const leaderOf = this.#leaderOf();
    const doing = `write to the topic ${name}`;
    const api = produceApi(this.#dialect.produce);
    const requests = [...Map.groupBy(parts, ({ partition }) => leaderOf(partition))].map(
      async ([leader, led]) => {
        const connection = connections.get(leader) ?? (await this.#cluster.broker(leader, "produce"));
        const write = () => writeProduce(this.#who.transactionalId, name, led);
        await connection.send(doing, api, write, (answer) => readProduce(answer, doing));
      },
    );
    const lost = (await Promise.allSettled(requests)).find((outcome) => outcome.status === "rejected");
    if (lost !== undefined) throw lost.reason;
  }

  async #addPartitions(partitions: readonly number[]): Promise<void> {
    const doing = `add partitions of ${this.#topic.name} to the transaction`;
    await this.#coordinators.run("transaction", this.#who.transactionalId, doing, async (coordinator) => {
      const write = () => writeAddPartitions(this.#who, this.#topic.name, partitions);
      await coordinator.send(doing, ADD_PARTITIONS, write, (answer) => readPartitionErrors(answer, doing));
    });
  }

  /**
   * Makes the group's offsets part of the transaction. Never beside `write`: the broker adds one thing at a time. Without an answer it
   * throws: if they came a second time, behind those of the next transaction, the cursors would go back.
   */
  async commitOffsets(
    group: string,
    offsets: readonly OffsetCommit[],
    committer: Committer = NOBODY,
  ): Promise<void> {
    const { transactionalId } = this.#who;
    if (this.#dialect.addsExplicitly) {
      const adding = `add the group ${group} to the transaction`;
      await this.#coordinators.run("transaction", transactionalId, adding, async (coordinator) => {
        await coordinator.call(adding, ADD_OFFSETS, this.#who, group);
      });
    }
    const doing = `commit the cursors of the group ${group}`;
    await this.#coordinators.once("group", group, doing, async (coordinator) => {
      const write = () => writeTxnOffsetCommit(this.#who, group, committer, this.#topic.name, offsets);
      const api = txnOffsetCommitApi(this.#dialect.offsets);
      await coordinator
        .send(doing, api, write, (answer) => readPartitionErrors(answer, doing))
        .catch(asRebalance);
    });
  }

  /**
   * Commits. A throw leaves it open whether it is committed. With version 2, asked again with the same identity, a coordinator that has
   * committed says so again, and a lost answer loses nothing. With version 1 it throws then: the request, if it came once more,
   * would end the next transaction, which has the same epoch.
   */
  async end(): Promise<void> {
    const { transactionalId } = this.#who;
    const doing = `commit the transaction of ${transactionalId}`;
    const ask = this.#dialect.addsExplicitly ? "once" : "run";
    await this.#coordinators[ask]("transaction", transactionalId, doing, async (coordinator) => {
      this.#adopt(await this.#endAt(coordinator, true, doing));
    });
  }

  /** Best effort: what stays open is aborted by whoever takes the id over, or by the timeout. */
  async abort(): Promise<void> {
    const { transactionalId } = this.#who;
    const doing = `abort the transaction of ${transactionalId}`;
    const request = async (coordinator: BrokerConnection): Promise<void> =>
      void (await this.#endAt(coordinator, false, doing));
    await this.#coordinators.run("transaction", transactionalId, doing, request, ABORTING).catch(() => {});
  }

  async #endAt(coordinator: BrokerConnection, commit: boolean, doing: string): Promise<ProducerIdentity> {
    const api = endTxnApi(this.#dialect.end);
    const write = () => writeEndTxn(this.#who, commit);
    return await coordinator.send(doing, api, write, (answer) =>
      readEndTxn(answer, this.#who, api.version, doing),
    );
  }

  /** With a new epoch, sequences begin at 0; with the old one they must go on, or the broker takes new data for old. */
  #adopt(next: ProducerIdentity): void {
    const sameEpoch =
      next.producerId === this.#who.producerId && next.producerEpoch === this.#who.producerEpoch;
    assert(
      sameEpoch === this.#dialect.addsExplicitly,
      "the epoch moves with every transaction of version 2, and only there",
    );
    if (!sameEpoch) this.#sequences.clear();
    this.#who = next;
  }
}

/**
 * Who writes under the id from now on: every other holder is fenced, and its open transaction completed or aborted before this
 * resolves. Throws KAFKA_UNAVAILABLE, KAFKA_DENIED, KAFKA_REFUSED.
 */
export async function takeOver(
  cluster: Cluster,
  transactionalId: string,
  signal: AbortSignal,
): Promise<ProducerIdentity> {
  const doing = `take over the transactional id ${transactionalId}`;
  const { producerId, producerEpoch } = await patient(doing, { ...FENCING, signal }, async () => {
    const coordinator = await cluster.coordinator("transaction", transactionalId);
    return await coordinator.call(doing, INIT_PRODUCER_ID, transactionalId, TRANSACTION_TIMEOUT_MS);
  });
  return { transactionalId, producerId, producerEpoch };
}
