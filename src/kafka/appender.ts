import type { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { OutboundRecord } from "../kernel/record.ts";
import type { Cluster, TopicMetadata } from "./cluster.ts";
import type { BrokerConnection } from "./connection.ts";
import { BrokerFault, toMeshError } from "./fault.ts";
import { ELECTION_MS, ONCE, type Patience, patient } from "./patience.ts";
import { produceApi, readProduce, writeProduce } from "./produce-request.ts";
import { INIT_PRODUCER_ID } from "./producer-requests.ts";
import { asBuffer, type ProducerStamp, stampBatch } from "./record-batch.ts";
import { recordCodec } from "./record-codec.ts";

/** An election is borne; then the caller decides, because nothing may flow meanwhile. */
const PATIENCE: Patience = { deadlineMs: ELECTION_MS, firstDelayMs: 5, maxDelayMs: 200 };
/** As the broker says it when it does not know the topic, or not yet. */
const UNKNOWN_TOPIC_OR_PARTITION = 3;
const SEQUENCE_END = 0x8000_0000;
/** Entries that wait together leave in one batch of about this size at most. */
const BATCH_BYTES_TARGET = LIMITS.framePlainBytesTarget;

interface Waiting {
  readonly records: readonly OutboundRecord[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: MeshError) => void;
}

/** What an idempotent producer knows of itself. */
interface Identity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  sequence: number;
}

/** Appends to one partition, idempotent, acknowledged by all in-sync replicas, one request in flight, in order of the calls. */
export class Appender {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #partition: number;
  #queue: Waiting[] = [];
  #busy = false;
  #metadata: TopicMetadata | undefined;
  #identity: Identity | undefined;

  constructor(cluster: Cluster, topic: string, partition: number) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#partition = partition;
  }

  /**
   * Resolves when the records are stored. After a throw they may be stored or not; they are never stored twice by one call.
   * Throws KAFKA_UNAVAILABLE, KAFKA_DENIED, KAFKA_REFUSED.
   */
  async append(records: readonly OutboundRecord[]): Promise<void> {
    if (records.length === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ records, bytes: sizeOf(records), resolve, reject });
    if (!this.#busy) void this.#drain();
    await promise;
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    while (this.#queue.length > 0) {
      const calls = this.#nextCalls();
      try {
        await this.#write(calls.flatMap((call) => call.records));
        for (const call of calls) call.resolve();
      } catch (error) {
        // The sequence of what failed is not known to the broker for sure: only a new identity begins anew.
        this.#identity = undefined;
        const failure = toMeshError(error, `append to the topic ${this.#topic}`);
        for (const call of calls) call.reject(failure);
      }
    }
    this.#busy = false;
  }

  #nextCalls(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const call of this.#queue) {
      bytes += call.bytes;
      if (count > 0 && bytes > BATCH_BYTES_TARGET) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #write(records: readonly OutboundRecord[]): Promise<void> {
    const batch = asBuffer(recordCodec.encode(records));
    const doing = `append to the topic ${this.#topic}`;
    const identity = this.#identity ?? (await this.#identify(doing));
    this.#identity = identity;
    const { producerId, producerEpoch, sequence } = identity;
    const stamp: ProducerStamp = { producerId, producerEpoch, baseSequence: sequence, transactional: false };
    const parts = [{ partition: this.#partition, bytes: stampBatch(batch, stamp) }];
    await this.#atLeader(doing, async (leader) => {
      const write = () => writeProduce(null, this.#topic, parts);
      await leader.send(doing, produceApi(9), write, (bytes) => readProduce(bytes, doing));
    });
    identity.sequence = (sequence + records.length) % SEQUENCE_END;
  }

  async #identify(doing: string): Promise<Identity> {
    return await this.#atLeader(doing, async (leader) => {
      return { ...(await leader.call(doing, INIT_PRODUCER_ID, null, 0)), sequence: 0 };
    });
  }

  /** Asks the leader. Whatever fails there, who leads is looked up again before the next attempt. */
  async #atLeader<Answer>(
    doing: string,
    request: (leader: BrokerConnection) => Promise<Answer>,
  ): Promise<Answer> {
    return await patient(doing, PATIENCE, async () => {
      try {
        return await request(await this.#cluster.broker(await this.#leader(), "produce"));
      } catch (error) {
        this.#metadata = undefined;
        throw error;
      }
    });
  }

  async #leader(): Promise<number> {
    this.#metadata ??= await this.#cluster.topic(this.#topic, ONCE);
    const row = this.#metadata?.leaders.find(({ partition }) => partition === this.#partition);
    if (row === undefined)
      throw new BrokerFault(UNKNOWN_TOPIC_OR_PARTITION, `append to the topic ${this.#topic}`);
    return row.leader;
  }
}

const sizeOf = (records: readonly OutboundRecord[]): number =>
  records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
