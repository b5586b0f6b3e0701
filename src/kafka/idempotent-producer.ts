import type { Cluster, TopicMetadata } from "./cluster.ts";
import { passes } from "./fault.ts";
import { asRebalance } from "./group-fault.ts";
import { OFFSET_COMMIT } from "./offset-requests.ts";
import { ELECTION_MS, type Patience, patient } from "./patience.ts";
import { type ProducePart, produceApi, readProduce, requestsOf, writeProduce } from "./produce-request.ts";
import { INIT_PRODUCER_ID } from "./producer-requests.ts";
import { BATCH, stampBatch } from "./record-batch.ts";
import { LOOK_AFTER_MS, sameReplica } from "./replica-topic.ts";
import type { TransactionalWrite } from "./transaction.ts";
import { type Committer, NOBODY, type OffsetCommit } from "./transaction-requests.ts";

/** Elections and loading coordinators are borne; then the writer is given up, and its cursors tell where to go on. */
const PATIENCE: Patience = { deadlineMs: ELECTION_MS, firstDelayMs: 5, maxDelayMs: 200 };
/** Sequences are 31 bits and begin again at 0. */
const SEQUENCE_END = 0x8000_0000;

/** Writes a topic without transactions: in order per partition, and what is sent twice by this producer is stored once. */
export class IdempotentProducer {
  readonly #cluster: Cluster;
  readonly #producerId: bigint;
  readonly #producerEpoch: number;
  /** Next sequence per partition. */
  readonly #sequences = new Map<number, number>();
  #topic: TopicMetadata;
  #writtenAt = performance.now();

  private constructor(cluster: Cluster, topic: TopicMetadata, producerId: bigint, producerEpoch: number) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#producerId = producerId;
    this.#producerEpoch = producerEpoch;
  }

  /** Throws KAFKA_UNAVAILABLE, KAFKA_DENIED, KAFKA_REFUSED. */
  static async open(cluster: Cluster, topic: TopicMetadata): Promise<IdempotentProducer> {
    const doing = "take a producer id";
    const answer = await patient(doing, PATIENCE, async () => {
      const connection = await cluster.any();
      return await connection.call(doing, INIT_PRODUCER_ID, null, 0);
    });
    return new IdempotentProducer(cluster, topic, answer.producerId, answer.producerEpoch);
  }

  /** Resolves when all in-sync replicas have the batches, in order per partition. Throws MeshError; then it is of no more use. */
  async write(writes: readonly TransactionalWrite[]): Promise<void> {
    if (performance.now() - this.#writtenAt > LOOK_AFTER_MS)
      this.#topic = await sameReplica(this.#cluster, this.#topic);
    const parts = writes.map(({ partition, batch }) => ({
      partition,
      bytes: this.#stamped(partition, batch),
    }));
    for (const request of requestsOf(parts)) await this.#produce(request);
    this.#writtenAt = performance.now();
  }

  /** Commits offsets for a member of the group, or of a group without any. Throws MeshError. */
  async commitOffsets(
    group: string,
    offsets: readonly OffsetCommit[],
    committer: Committer = NOBODY,
  ): Promise<void> {
    const doing = `commit the cursors of the group ${group}`;
    await patient(doing, PATIENCE, async () => {
      const coordinator = await this.#cluster.coordinator("group", group);
      await coordinator
        .call(doing, OFFSET_COMMIT, group, committer, this.#topic.name, offsets)
        .catch(asRebalance);
    });
  }

  #stamped(partition: number, batch: Buffer): ProducePart["bytes"] {
    const baseSequence = this.#sequences.get(partition) ?? 0;
    this.#sequences.set(partition, (baseSequence + batch.readInt32BE(BATCH.count)) % SEQUENCE_END);
    const who = { producerId: this.#producerId, producerEpoch: this.#producerEpoch };
    return stampBatch(batch, { ...who, baseSequence, transactional: false });
  }

  /** The same stamps go out again: the broker knows a repeated sequence and stores it once. */
  async #produce(parts: readonly ProducePart[]): Promise<void> {
    const doing = `write to the topic ${this.#topic.name}`;
    await patient(doing, PATIENCE, async () => {
      try {
        await this.#send(parts, doing);
      } catch (error) {
        if (passes(error)) this.#topic = await sameReplica(this.#cluster, this.#topic);
        throw error;
      }
    });
  }

  async #send(parts: readonly ProducePart[], doing: string): Promise<void> {
    const { name, leaders } = this.#topic;
    const leaderOf = new Map(leaders.map((row) => [row.partition, row.leader]));
    const requests = [...Map.groupBy(parts, (part) => leaderOf.get(part.partition) ?? -1)].map(
      async ([leader, led]) => {
        const connection = await this.#cluster.broker(leader, "produce");
        const write = () => writeProduce(null, name, led);
        await connection.send(doing, produceApi(9), write, (answer) => readProduce(answer, doing));
      },
    );
    const outcomes = await Promise.allSettled(requests);
    const lost = outcomes.find((outcome) => outcome.status === "rejected");
    if (lost !== undefined) throw lost.reason;
  }
}
