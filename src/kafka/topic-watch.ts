import { MeshError } from "../kernel/error.ts";
import type { TopicDescription } from "../kernel/ports.ts";
import type { Cluster, TopicMetadata } from "./cluster.ts";
import { BrokerFault } from "./fault.ts";
import { ONCE } from "./patience.ts";

const LOOK_EVERY_MS = 5_000;
const LEADER_NOT_AVAILABLE = 5;
const NOT_LEADER_OR_FOLLOWER = 6;

/**
 * The topic as it is now. Throws SOURCE_MISSING, SOURCE_RECREATED, STREAM_CHANGED when it is not as it was described; BrokerFault,
 * which passes, where the broker does not know all of its partitions.
 */
export async function sameTopic(cluster: Cluster, topic: TopicDescription): Promise<TopicMetadata> {
  const found = await cluster.topic(topic.name, ONCE);
  const context = { topic: topic.name, topicId: topic.topicId };
  if (found === undefined) {
    throw new MeshError("SOURCE_MISSING", `The topic ${topic.name} does not exist in this Kafka any more.`, {
      context,
    });
  }
  if (found.topicId !== topic.topicId) {
    throw new MeshError(
      "SOURCE_RECREATED",
      `The topic ${topic.name} has the id ${found.topicId}, but the link was reading the one with id ${topic.topicId}.`,
      { context },
    );
  }
  if (found.partitions > topic.partitions) {
    throw new MeshError(
      "STREAM_CHANGED",
      `The topic ${topic.name} has ${found.partitions} partitions now, but the link reads ${topic.partitions}.`,
      { context: { ...context, partitions: found.partitions } },
    );
  }
  // Partitions never go: this broker is behind, and what it does not know of would not be read.
  if (found.partitions < topic.partitions)
    throw new BrokerFault(LEADER_NOT_AVAILABLE, `look up every partition of the topic ${topic.name}`);
  return found;
}

/**
 * Looks at the topic every few seconds, beside its reading: neither partitions that were added show in what is fetched, nor that another
 * leads, as long as the leader of before is cut off from the rest of its cluster.
 */
export class TopicWatch {
  readonly #timer: NodeJS.Timeout;
  #change: MeshError | BrokerFault | undefined;

  /** `onChange` is called once, when there is a `change` from `topic`. */
  constructor(cluster: Cluster, topic: TopicMetadata, onChange: () => void, everyMs = LOOK_EVERY_MS) {
    const epochs = new Map(topic.leaders.map((row) => [row.partition, row.leaderEpoch]));
    const look = async (): Promise<void> => {
      const { leaders } = await sameTopic(cluster, topic);
      if (leaders.some((row) => row.leaderEpoch > (epochs.get(row.partition) ?? row.leaderEpoch)))
        throw new BrokerFault(NOT_LEADER_OR_FOLLOWER, `read the topic ${topic.name}`);
    };
    this.#timer = setInterval(() => {
      look().catch((error: unknown) => {
        // What else may be the matter, the fetches find out, or the next look.
        const isMoved = error instanceof BrokerFault && error.fault === "NOT_LEADER_OR_FOLLOWER";
        const isGrown = error instanceof MeshError && error.code === "STREAM_CHANGED";
        if (!isMoved && !isGrown) return;
        this.#change = error;
        this.stop();
        onChange();
      });
    }, everyMs);
    this.#timer.unref();
  }

  /** STREAM_CHANGED, or BrokerFault, which passes, where another leads; undefined as long as nothing changed. */
  get change(): MeshError | BrokerFault | undefined {
    return this.#change;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
