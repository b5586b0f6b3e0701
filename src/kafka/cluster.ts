import { apiVersionsV3, findCoordinatorV4, listOffsetsV7, metadataV12 } from "@platformatic/kafka";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { TopicDescription } from "../kernel/ports.ts";
import type { Address } from "./broker-socket.ts";
import { BrokerConnection, brokerAddress } from "./connection.ts";
import { BrokerFault, passes } from "./fault.ts";
import { type Patience, patient } from "./patience.ts";

/** A partition's leader as the metadata has it. */
export interface PartitionLeader {
  readonly partition: number;
  /** Broker id, −1 while there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
}

/** A topic with its leaders. */
export interface TopicMetadata extends TopicDescription {
  readonly leaders: readonly PartitionLeader[];
}

/** An offset asked for by time, or the log's ends. */
export const OFFSET_AT = { earliest: -2n, latest: -1n } as const;
export const ISOLATION = { uncommitted: 0, committed: 1 } as const;
export const COORDINATOR = { group: 0, transaction: 1 } as const;

const UNKNOWN_TOPIC = "UNKNOWN_TOPIC_OR_PARTITION";

/** One Kafka cluster: who leads what, and connections to them, shared per broker and use. */
export class Cluster {
  readonly settings: KafkaSettings;
  readonly #addresses = new Map<number, Address>();
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  #closed = false;

  constructor(settings: KafkaSettings) {
    this.settings = settings;
  }

  /** The topic as the cluster knows it now; undefined when there is none. Throws KAFKA_UNAVAILABLE, KAFKA_DENIED. */
  async topic(name: string, patience?: Patience): Promise<TopicMetadata | undefined> {
    return await patient(`look up the topic ${name}`, patience, async () => await this.#topic(name));
  }

  async #topic(name: string): Promise<TopicMetadata | undefined> {
    const connection = await this.any();
    // The third argument forbids the broker to make the topic.
    const topics = [{ name }];
    try {
      const answer = await connection.call(
        `look up the topic ${name}`,
        metadataV12.api,
        topics,
        false,
        false,
      );
      for (const broker of answer.brokers) this.#addresses.set(broker.nodeId, broker);
      const found = answer.topics[0];
      if (found === undefined) return undefined;
      return {
        name,
        topicId: found.topicId.replaceAll("-", ""),
        partitions: found.partitions.length,
        leaders: found.partitions
          .map((row) => ({
            partition: row.partitionIndex,
            leader: row.leaderId,
            leaderEpoch: row.leaderEpoch,
          }))
          .sort((a, b) => a.partition - b.partition),
      };
    } catch (error) {
      if (error instanceof BrokerFault && error.fault === UNKNOWN_TOPIC) return undefined;
      throw error;
    }
  }

  /** A connection to a broker, the same one for the same `use` while it lives. */
  async broker(id: number, use: string): Promise<BrokerConnection> {
    const address = this.#addresses.get(id);
    if (address === undefined) throw new BrokerFault(5, `find the address of broker ${id}`);
    return await this.#shared(
      `${id}/${use}`,
      async () => await BrokerConnection.open(this.settings, address),
    );
  }

  /** The coordinator of a group or transactional id. */
  async coordinator(kind: keyof typeof COORDINATOR, key: string): Promise<BrokerConnection> {
    const connection = await this.any();
    const doing = `find the coordinator of the ${kind} ${key}`;
    const answer = await connection.call(doing, findCoordinatorV4.api, COORDINATOR[kind], [key]);
    const found = answer.coordinators[0];
    if (found === undefined) throw new BrokerFault(15, doing);
    this.#addresses.set(found.nodeId, found);
    return await this.broker(found.nodeId, kind);
  }

  /** Offset of each partition at `timestamp`, or at an end of the log; for `committed`, the end is the last stable offset. */
  async offsets(
    topic: TopicMetadata,
    timestamp: bigint,
    isolation: keyof typeof ISOLATION,
  ): Promise<ReadonlyMap<number, bigint>> {
    let current = topic;
    return await patient(`list offsets of the topic ${topic.name}`, undefined, async () => {
      try {
        return await this.#offsets(current, timestamp, ISOLATION[isolation]);
      } catch (error) {
        if (passes(error)) current = (await this.#topic(topic.name)) ?? current;
        throw error;
      }
    });
  }

  async #offsets(
    topic: TopicMetadata,
    timestamp: bigint,
    isolation: number,
  ): Promise<ReadonlyMap<number, bigint>> {
    const offsets = new Map<number, bigint>();
    for (const [leader, rows] of Map.groupBy(topic.leaders, (row) => row.leader)) {
      const connection = await this.broker(leader, "control");
      const doing = `list offsets of the topic ${topic.name}`;
      const partitions = rows.map((row) => ({
        partitionIndex: row.partition,
        currentLeaderEpoch: row.leaderEpoch,
        timestamp,
      }));
      const request = [{ name: topic.name, partitions }];
      const answer = await connection.call(doing, listOffsetsV7.api, -1, isolation, request);
      for (const row of answer.topics[0]?.partitions ?? []) offsets.set(row.partitionIndex, row.offset);
    }
    return offsets;
  }

  /** True when the cluster runs transactions of version 2 (KIP-890): it adds partitions by itself and bumps epochs. */
  async transactionsV2(): Promise<boolean> {
    const connection = await this.any();
    const answer = await connection.call("ask for the broker's features", apiVersionsV3.api, "tiermesh", "1");
    const level = answer.finalizedFeatures?.find((feature) => feature.name === "transaction.version");
    return (level?.maxVersionLevel ?? 0) >= 2;
  }

  /** Ends every connection. */
  close(): void {
    this.#closed = true;
    for (const pending of this.#connections.values()) {
      pending.then(
        (connection) => connection.close(),
        () => {},
      );
    }
    this.#connections.clear();
  }

  /** Any broker that answers: one known to live, else those of the settings in turn. */
  async any(): Promise<BrokerConnection> {
    let last: unknown;
    for (const text of this.settings.brokers) {
      try {
        const address = brokerAddress(text);
        return await this.#shared(text, async () => await BrokerConnection.open(this.settings, address));
      } catch (error) {
        if (!passes(error)) throw error;
        last = error;
      }
    }
    throw last ?? new MeshError("KAFKA_UNAVAILABLE", "No broker is named in `kafka.brokers`.");
  }

  async #shared(name: string, open: () => Promise<BrokerConnection>): Promise<BrokerConnection> {
    if (this.#closed)
      throw new MeshError("KAFKA_UNAVAILABLE", "The connection to Kafka was closed by this gateway.");
    const known = this.#connections.get(name);
    if (known !== undefined) {
      const connection = await known.catch(() => undefined);
      if (connection?.alive === true) return connection;
      connection?.retire();
      if (this.#connections.get(name) === known) this.#connections.delete(name);
    }
    const opening = this.#connections.get(name) ?? open();
    this.#connections.set(name, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#connections.get(name) === opening) this.#connections.delete(name);
      throw error;
    }
  }
}
