import type { CompressionAlgorithmValue } from "@platformatic/kafka";
import { Kafka, logLevel, type Message, Partitioners } from "kafkajs";
import { createTopic } from "../../src/kafka/admin.ts";
import { Cluster, OFFSET_AT } from "../../src/kafka/cluster.ts";
import type { FetchSizes } from "../../src/kafka/fetch-request.ts";
import { type Patience, patient } from "../../src/kafka/patience.ts";
import { produceApi, readProduce, writeProduce } from "../../src/kafka/produce-request.ts";
import { INIT_PRODUCER_ID } from "../../src/kafka/producer-requests.ts";
import { BATCH_HEADER_BYTES, stampBatch } from "../../src/kafka/record-batch.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import type { KafkaRecord } from "../../src/kernel/record.ts";
import { topicName } from "../support/kafka.ts";
import { type ForeignRecord, foreignBatch } from "./foreign-batch.ts";

/** Settings of a plain listener. */
export const plainSettings = (bootstrap: string): KafkaSettings => ({
  brokers: [bootstrap],
  clientId: "tiermesh-test",
  tls: undefined,
  sasl: undefined,
  replicationFactor: 1,
});

const APPEARS: Patience = { deadlineMs: 10_000, firstDelayMs: 10, maxDelayMs: 100 };

/** Makes topics and fills them, with another client where that is possible. */
export class Lab {
  readonly settings: KafkaSettings;
  readonly cluster: Cluster;
  readonly kafkajs: Kafka;

  constructor(settings: KafkaSettings) {
    this.settings = settings;
    this.cluster = new Cluster(settings);
    this.kafkajs = new Kafka({
      brokers: [...settings.brokers],
      clientId: "another-client",
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 5, retries: 50, maxRetryTime: 500 },
    });
  }

  async topic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = topicName("lab");
    // The records' times are old: the broker would delete them at its next look.
    await createTopic(this.settings, name, partitions, { "retention.ms": "-1", ...config });
    return name;
  }

  /** Writes a ready batch as it is. */
  async writeBatch(topic: string, partition: number, batch: Buffer): Promise<void> {
    await this.writeBatches(topic, [{ partition, batch }]);
  }

  /** Writes ready batches of several partitions in one request, as they are. */
  async writeBatches(
    topic: string,
    batches: readonly { readonly partition: number; readonly batch: Buffer }[],
  ): Promise<void> {
    const parts = batches.map(({ partition, batch }) => {
      const bytes = [batch.subarray(0, BATCH_HEADER_BYTES), batch.subarray(BATCH_HEADER_BYTES)] as const;
      return { partition, bytes };
    });
    await patient("write", APPEARS, async () => {
      const leaders = (await this.cluster.topic(topic))?.leaders;
      const connection = await this.cluster.broker(leaders?.[0]?.leader ?? -1, "lab");
      const write = () => writeProduce(null, topic, parts);
      await connection.send("write", produceApi(9), write, (answer) => readProduce(answer, "write"));
    });
  }

  /** Writes records in one batch, packed by another library. */
  async write(
    topic: string,
    partition: number,
    records: readonly ForeignRecord[],
    compression: CompressionAlgorithmValue = "none",
  ): Promise<void> {
    await this.writeBatch(topic, partition, foreignBatch(records, { compression }));
  }

  /** A transaction of another client; it stays open until `end` is called. */
  async transaction(topic: string, partition: number, messages: readonly Message[]) {
    const producer = this.kafkajs.producer({
      transactionalId: topicName("txn"),
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: messages.map((message) => ({ ...message, partition })) });
    return {
      end: async (how: "commit" | "abort"): Promise<void> => {
        await transaction[how]();
        await producer.disconnect();
      },
    };
  }

  /** Two transactions of one producer, one behind the other, both aborted. */
  async abortTwice(topic: string, partition: number, messages: readonly Message[]): Promise<void> {
    const producer = this.kafkajs.producer({
      transactionalId: topicName("txn"),
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    for (let round = 0; round < 2; round += 1) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: messages.map((message) => ({ ...message, partition })) });
      await transaction.abort();
    }
    await producer.disconnect();
  }

  /** Writes in a transaction under this id and goes away without ending it, as a process does that is killed. */
  async abandon(transactionalId: string, topic: string, partition: number, batch: Buffer): Promise<void> {
    const metadata = await this.cluster.topic(topic);
    const who = await patient("init", APPEARS, async () => {
      const coordinator = await this.cluster.coordinator("transaction", transactionalId);
      return await coordinator.call("init", INIT_PRODUCER_ID, transactionalId, 60_000);
    });
    const { producerId, producerEpoch } = who;
    const bytes = stampBatch(batch, { producerId, producerEpoch, baseSequence: 0, transactional: true });
    const connection = await this.cluster.broker(metadata?.leaders[partition]?.leader ?? -1, "lab");
    const write = () => writeProduce(transactionalId, topic, [{ partition, bytes }]);
    await connection.send("write", produceApi(12), write, (answer) => readProduce(answer, "write"));
  }

  /** Deletes the records below an offset. */
  async deleteRecords(topic: string, partition: number, offset: bigint): Promise<void> {
    const admin = this.kafkajs.admin();
    await admin.connect();
    await admin.fetchTopicMetadata({ topics: [topic] });
    const request = { topic, partitions: [{ partition, offset: offset.toString() }] };
    await admin.deleteTopicRecords(request).catch(async () => await admin.deleteTopicRecords(request));
    await admin.disconnect();
  }

  close(): void {
    this.cluster.close();
  }
}

/** All runs of a partition from `offset` up to the end, which waits for transactions that are being completed. */
export async function readToEnd(
  settings: KafkaSettings,
  topic: string,
  from: { readonly partition?: number; readonly offset?: bigint; readonly sizes?: FetchSizes } = {},
): Promise<readonly SourceBatch[]> {
  const source = kafkaTopicSource(settings, from.sizes);
  const partition = from.partition ?? 0;
  const cluster = new Cluster(settings);
  const metadata = await cluster.topic(topic);
  const ends = metadata && (await cluster.offsets(metadata, OFFSET_AT.latest, "uncommitted"));
  const end = ends?.get(partition) ?? 0n;
  cluster.close();
  const runs: SourceBatch[] = [];
  const position = { partition, offset: from.offset ?? 0n, leaderEpoch: -1 };
  if (position.offset < end) {
    const signal = new AbortController().signal;
    const reading = source.read(await source.describe(topic), [position], signal);
    for await (const run of soundRuns(reading)) {
      runs.push(run);
      if (run.next.offset >= end) break;
    }
  }
  source.close();
  return runs;
}

/** The records of a run, without those below its position. */
export const recordsOf = (run: SourceBatch): readonly KafkaRecord[] =>
  run.batches.flatMap((batch) => recordCodec.decode(batch, run.from.offset, 10_000_000));

/** The values of a run, as text; null for tombstones. */
export const valuesOf = (run: SourceBatch): readonly (string | null)[] =>
  recordsOf(run).map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
