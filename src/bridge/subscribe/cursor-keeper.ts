import type { Clock, ReplicaLink, ReplicaSink, TopicSource } from "../../kernel/ports.ts";
import { CURSORS_AGAIN_MS, standing } from "../standing.ts";

/** After an attempt that failed. */
const AGAIN_MS = 60_000;

export interface CursorKeeperPorts {
  /** Of the own cluster, where the replica is. */
  readonly source: TopicSource;
  readonly sink: ReplicaSink;
  readonly clock: Clock;
}

/** Commits the cursors of a link again while it is at rest, so that they don't expire: a running link does so by itself. */
export class CursorKeeper {
  readonly #ports: CursorKeeperPorts;
  /** Ms since 1970; 0: how old the cursors of an earlier process are is not known. */
  #keptAt = 0;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: CursorKeeperPorts) {
    this.#ports = ports;
  }

  /** The link ran until now, and kept them itself. */
  kept(): void {
    this.#keptAt = this.#ports.clock.now();
  }

  /** Does nothing when it is too early, or when there is nothing to keep. Never fails: the next rest tries again. */
  async keep(link: Omit<ReplicaLink, "partitions" | "topicConfig">, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const now = clock.now();
    if (now - this.#keptAt < CURSORS_AGAIN_MS || now - this.#triedAt < AGAIN_MS) return;
    this.#triedAt = now;
    try {
      await this.#commitAgain(link, signal);
      this.#keptAt = clock.now();
    } catch {
      // Kafka is away, or another process has the link, or there is no replica yet.
    }
  }

  async #commitAgain(
    link: Omit<ReplicaLink, "partitions" | "topicConfig">,
    signal: AbortSignal,
  ): Promise<void> {
    const { partitions } = await this.#ports.source.describe(link.topic);
    const writer = await this.#ports.sink.open({ ...link, partitions, topicConfig: {} }, signal);
    try {
      await writer.commit(standing(writer.cursors));
    } finally {
      await writer.close();
    }
  }
}
