import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { TopicDescription } from "../kernel/ports.ts";
import type { Address } from "./broker-socket.ts";
import { FEATURES, FIND_COORDINATOR, LIST_OFFSETS, METADATA } from "./cluster-requests.ts";
import { BrokerConnection, brokerAddress } from "./connection.ts";
import { BrokerFault, ClusterAway, passes } from "./fault.ts";
import { ONCE, type Patience, patient } from "./patience.ts";

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

const CLOSED = new MeshError("KAFKA_UNAVAILABLE", "The connection to Kafka was closed by this gateway.");

/** After so long no further broker is asked: what every broker knows, one that is there says at once. */
const ASK_MS = 5_000;

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
    const doing = `look up the topic ${name}`;
    try {
      const { brokers, topic } = await this.#ask(doing, async (connection) =>
        connection.call(doing, METADATA, name),
      );
      for (const broker of brokers) this.#addresses.set(broker.nodeId, broker);
      if (topic === undefined) return undefined;
      const { topicId, partitions } = topic;
      const leaders = partitions.toSorted((a, b) => a.partition - b.partition);
      return { name, topicId, partitions: partitions.length, leaders };
    } catch (error) {
      if (error instanceof BrokerFault && error.fault === UNKNOWN_TOPIC) return undefined;
      throw error;
    }
  }

  /** A connection to a broker, the same one for the same `use` while it lives. */
  async broker(id: number, use: string): Promise<BrokerConnection> {
    const address = this.#addresses.get(id);
    if (address === undefined) throw new BrokerFault(5, `find the address of broker ${id}`);
    return await this.#shared(`${id}/${use}`, address);
  }

  /** The coordinator of a group or transactional id. */
  async coordinator(kind: keyof typeof COORDINATOR, key: string): Promise<BrokerConnection> {
    const doing = `find the coordinator of the ${kind} ${key}`;
    const found = await this.#ask(doing, async (connection) =>
      connection.call(doing, FIND_COORDINATOR, COORDINATOR[kind], key),
    );
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
        if (passes(error)) current = (await this.topic(topic.name, ONCE)) ?? current;
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
      const found = await connection.call(doing, LIST_OFFSETS, topic.name, rows, timestamp, isolation);
      for (const [partition, offset] of found) offsets.set(partition, offset);
    }
    return offsets;
  }

  /** True when the cluster runs transactions of version 2 (KIP-890): it adds partitions by itself and bumps epochs. */
  async transactionsV2(): Promise<boolean> {
    const doing = "ask for the broker's features";
    const levels = await this.#ask(doing, async (connection) =>
      connection.call(doing, FEATURES, "tiermesh", "1"),
    );
    return (levels.get("transaction.version") ?? 0) >= 2;
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

  /** Any broker that can be reached: one that we have a connection to, else those we know in turn. Throws ClusterAway. */
  async any(): Promise<BrokerConnection> {
    return await this.#ask("connect to Kafka", async (connection) => connection);
  }

  /** What any broker knows, of the first that answers. Throws ClusterAway when none does. */
  async #ask<Answer>(
    doing: string,
    request: (connection: BrokerConnection) => Promise<Answer>,
  ): Promise<Answer> {
    let last: unknown = new MeshError("KAFKA_UNAVAILABLE", "No broker is named in `kafka.brokers`.");
    const until = performance.now() + ASK_MS;
    for (const [name, address] of this.#known()) {
      try {
        return await request(await this.#shared(name, address));
      } catch (error) {
        if (!passes(error) || error instanceof BrokerFault) throw error;
        last = error;
        if (performance.now() > until) break;
      }
    }
    throw new ClusterAway(last, doing);
  }

  /** Names and addresses of the brokers that may be asked, those with a connection first. */
  #known(): readonly (readonly [name: string, address: Address])[] {
    const named = this.settings.brokers.map((text) => [text, brokerAddress(text)] as const);
    const isNamed = (address: Address): boolean => named.some(([, other]) => isSame(address, other));
    const found = [...this.#addresses]
      .filter(([, address]) => !isNamed(address))
      .map(([id, address]) => [`${id}/control`, address] as const);
    const byConnected = Map.groupBy([...named, ...found], ([name]) => this.#connections.has(name));
    return [...(byConnected.get(true) ?? []), ...(byConnected.get(false) ?? [])];
  }

  async #shared(name: string, address: Address): Promise<BrokerConnection> {
    const known = this.#connections.get(name);
    if (known !== undefined) {
      const connection = await known.catch(() => undefined);
      if (connection?.alive === true) return connection;
      connection?.retire();
      if (this.#connections.get(name) === known) this.#connections.delete(name);
    }
    // Asked behind the wait, in which it may have been closed: nobody would end a connection that is opened then.
    if (this.#closed) throw new ClusterAway(CLOSED, "reach Kafka");
    const onOverdue = () => this.#doubt(address);
    const opening = this.#connections.get(name) ?? BrokerConnection.open(this.settings, address, onOverdue);
    this.#connections.set(name, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#connections.get(name) === opening) this.#connections.delete(name);
      throw error;
    }
  }

  /** Where one connection is half-open, the others to that broker may well be, too: the next requests open new ones. */
  #doubt(address: Address): void {
    for (const [name, opening] of this.#connections) {
      const retire = (connection: BrokerConnection): void => {
        if (!isSame(connection.address, address)) return;
        connection.retire();
        if (this.#connections.get(name) === opening) this.#connections.delete(name);
      };
      opening.then(retire, () => {});
    }
  }
}

const isSame = (one: Address, other: Address): boolean => one.host === other.host && one.port === other.port;
