import assert from "node:assert";
import { addOffsetsToTxnV3, initProducerIdV4 } from "@platformatic/kafka";
import type { Cluster, COORDINATOR, TopicMetadata } from "./cluster.ts";
import type { BrokerConnection } from "./connection.ts";
import { BrokerFault, passes } from "./fault.ts";
import { type Patience, patient } from "./patience.ts";
import { type ProducePart, produceApi, readProduce, writeProduce } from "./produce-request.ts";
import { BATCH, stampBatch } from "./record-batch.ts";
import {
  ADD_PARTITIONS,
  endTxnApi,
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
/** Produce requests of one transaction that wait for their answers. */
const PRODUCES_IN_FLIGHT_MAX = 4;

/** A coordinator that still completes the transaction before answers CONCURRENT_TRANSACTIONS for a few milliseconds. */
const BUSY: Patience = { deadlineMs: 10_000, firstDelayMs: 1, maxDelayMs: 50 };
/** Nobody waits for an abort; it only spares the readers the timeout. */
const ABORTING: Patience = { deadlineMs: 1_000, firstDelayMs: 5, maxDelayMs: 50 };
const FENCING: Patience = { deadlineMs: 30_000, firstDelayMs: 5, maxDelayMs: 200 };

/** The two protocols of transactions: which request says what. Version 2 (KIP-890) adds partitions and groups implicitly. */
const DIALECTS = {
  v1: { produce: 9, offsets: 3, end: 3, addsExplicitly: true },
  v2: { produce: 12, offsets: 5, end: 5, addsExplicitly: false },
} as const;

/** A batch to write, RecordBatch v2. */
export interface TransactionalWrite {
  readonly partition: number;
  readonly batch: Buffer;
}

/** One transactional id held by this process. One transaction at a time; after a failure it is of no more use. */
export class TransactionalProducer {
  readonly #cluster: Cluster;
  readonly #dialect: (typeof DIALECTS)[keyof typeof DIALECTS];
  readonly #coordinators = new Map<string, BrokerConnection>();
  /** Next sequence per topic and partition; begins again at 0 with every epoch. */
  readonly #sequences = new Map<number, number>();
  #topic: TopicMetadata;
  #who: ProducerIdentity;

  private constructor(
    cluster: Cluster,
    topic: TopicMetadata,
    who: ProducerIdentity,
    dialect: keyof typeof DIALECTS,
  ) {
    this.#cluster = cluster;
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
    dialect: keyof typeof DIALECTS,
    signal: AbortSignal,
  ): Promise<TransactionalProducer> {
    const doing = `take over the transactional id ${transactionalId}`;
    const answer = await patient(doing, { ...FENCING, signal }, async () => {
      const coordinator = await cluster.coordinator("transaction", transactionalId);
      // −1 for both: any other value names an expected holder and is refused when that is not the last one.
      return await coordinator.call(
        doing,
        initProducerIdV4.api,
        transactionalId,
        TRANSACTION_TIMEOUT_MS,
        -1n,
        -1,
      );
    });
    const who = { transactionalId, producerId: answer.producerId, producerEpoch: answer.producerEpoch };
    return new TransactionalProducer(cluster, topic, who, dialect);
  }

  /** All or nothing: the batches, in order per partition, and the group's offsets. Throws BrokerFault and MeshError. */
  async commit(
    writes: readonly TransactionalWrite[],
    group: string,
    offsets: readonly OffsetCommit[],
  ): Promise<void> {
    try {
      await this.#write(writes);
      await this.#commitOffsets(group, offsets);
    } catch (error) {
      await this.#abort();
      throw error;
    }
    await this.#end();
  }

  async #write(writes: readonly TransactionalWrite[]): Promise<void> {
    const rounds = this.#rounds(writes);
    const first = rounds[0];
    if (first === undefined) return;
    if (this.#dialect.addsExplicitly) await this.#addPartitions(first.map((part) => part.partition));
    // The first request makes the broker add the partition to the transaction; what comes meanwhile would be refused.
    await this.#producePatiently(first);
    const inFlight = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for (const round of rounds.slice(1)) {
      if (failures.length > 0) break;
      const flight = this.#produce(round)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => inFlight.delete(flight));
      inFlight.add(flight);
      if (inFlight.size >= PRODUCES_IN_FLIGHT_MAX) await Promise.race(inFlight);
    }
    // Never EndTxn before every answer is in: it could commit a part.
    await Promise.all(inFlight);
    if (failures.length > 0) throw failures[0];
  }

  /** Stamped batches in requests to come: a partition has at most one in each, in its order. */
  #rounds(writes: readonly TransactionalWrite[]): readonly (readonly ProducePart[])[] {
    const rounds: ProducePart[][] = [];
    for (const group of Map.groupBy(writes, (write) => write.partition).values()) {
      for (const [at, { partition, batch }] of group.entries()) {
        const sequence = this.#sequences.get(partition) ?? 0;
        const bytes = stampBatch(batch, { ...this.#who, baseSequence: sequence, transactional: true });
        this.#sequences.set(partition, (sequence + batch.readInt32BE(BATCH.count)) % SEQUENCE_END);
        let round = rounds[at];
        if (round === undefined) {
          round = [];
          rounds[at] = round;
        }
        round.push({ partition, bytes });
      }
    }
    return rounds;
  }

  /** The same stamps go out again: the broker knows a repeated sequence and stores it once. */
  async #producePatiently(parts: readonly ProducePart[]): Promise<void> {
    await patient(`write to the topic ${this.#topic.name}`, BUSY, async () => {
      try {
        await this.#produce(parts);
      } catch (error) {
        if (passes(error)) this.#topic = (await this.#cluster.topic(this.#topic.name)) ?? this.#topic;
        throw error;
      }
    });
  }

  async #produce(parts: readonly ProducePart[]): Promise<void> {
    const { name, leaders } = this.#topic;
    const leaderOf = new Map(leaders.map((row) => [row.partition, row.leader]));
    const doing = `write to the topic ${name}`;
    const requests = [...Map.groupBy(parts, (part) => leaderOf.get(part.partition) ?? -1)].map(
      async ([leader, led]) => {
        const connection = await this.#cluster.broker(leader, "produce");
        const write = () => writeProduce(this.#who.transactionalId, name, led);
        await connection.send(doing, produceApi(this.#dialect.produce), write, (bytes) =>
          readProduce(bytes, doing),
        );
      },
    );
    const outcomes = await Promise.allSettled(requests);
    const lost = outcomes.find((outcome) => outcome.status === "rejected");
    if (lost !== undefined) throw lost.reason;
  }

  async #addPartitions(partitions: readonly number[]): Promise<void> {
    const doing = `add partitions of ${this.#topic.name} to the transaction`;
    await this.#atCoordinator("transaction", this.#who.transactionalId, doing, async (coordinator) => {
      const write = () => writeAddPartitions(this.#who, this.#topic.name, partitions);
      await coordinator.send(doing, ADD_PARTITIONS, write, (bytes) => readPartitionErrors(bytes, doing));
    });
  }

  async #commitOffsets(group: string, offsets: readonly OffsetCommit[]): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#who;
    if (this.#dialect.addsExplicitly) {
      const adding = `add the group ${group} to the transaction`;
      await this.#atCoordinator("transaction", transactionalId, adding, async (coordinator) => {
        await coordinator.call(
          adding,
          addOffsetsToTxnV3.api,
          transactionalId,
          producerId,
          producerEpoch,
          group,
        );
      });
    }
    const doing = `commit the cursors of the group ${group}`;
    await this.#atCoordinator("group", group, doing, async (coordinator) => {
      const write = () => writeTxnOffsetCommit(this.#who, group, this.#topic.name, offsets);
      const api = txnOffsetCommitApi(this.#dialect.offsets);
      await coordinator.send(doing, api, write, (bytes) => readPartitionErrors(bytes, doing));
    });
  }

  /** Asked again with the same identity, a coordinator that has committed says so again: a lost answer loses nothing. */
  async #end(): Promise<void> {
    const doing = `commit the transaction of ${this.#who.transactionalId}`;
    await this.#atCoordinator("transaction", this.#who.transactionalId, doing, async (coordinator) => {
      this.#adopt(await this.#endAt(coordinator, true, doing));
    });
  }

  /** Best effort: what stays open is aborted by whoever takes the id over, or by the timeout. */
  async #abort(): Promise<void> {
    const doing = `abort the transaction of ${this.#who.transactionalId}`;
    await patient(doing, ABORTING, async () => {
      const coordinator = await this.#cluster.coordinator("transaction", this.#who.transactionalId);
      await this.#endAt(coordinator, false, doing);
    }).catch(() => {});
  }

  async #endAt(coordinator: BrokerConnection, commit: boolean, doing: string): Promise<ProducerIdentity> {
    const api = endTxnApi(this.#dialect.end);
    const write = () => writeEndTxn(this.#who, commit);
    return await coordinator.send(doing, api, write, (bytes) =>
      readEndTxn(bytes, this.#who, api.version, doing),
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

  /** Runs a request at a coordinator, which is looked up once and again when it has moved. */
  async #atCoordinator(
    kind: keyof typeof COORDINATOR,
    key: string,
    doing: string,
    run: (coordinator: BrokerConnection) => Promise<void>,
  ): Promise<void> {
    await patient(doing, BUSY, async () => {
      let coordinator = this.#coordinators.get(kind);
      if (coordinator?.alive !== true) {
        coordinator = await this.#cluster.coordinator(kind, key);
        this.#coordinators.set(kind, coordinator);
      }
      try {
        await run(coordinator);
      } catch (error) {
        if (!(error instanceof BrokerFault) || error.remedy === "elsewhere") this.#coordinators.delete(kind);
        throw error;
      }
    });
  }
}
