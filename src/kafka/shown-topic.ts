import type { Cluster, TopicMetadata } from "./cluster.ts";
import { BrokerFault } from "./fault.ts";
import { ONCE, type Patience, patient } from "./patience.ts";

/** What was just made or changed reaches every broker's metadata within this time. */
const APPEARS: Patience = { deadlineMs: 10_000, firstDelayMs: 20, maxDelayMs: 200 };
const LEADER_NOT_AVAILABLE = 5;

/**
 * A topic that was just made, or has just grown, when the brokers show it with so many partitions, each with a leader.
 * Throws KAFKA_UNAVAILABLE.
 */
export async function shownTopic(cluster: Cluster, name: string, partitions: number): Promise<TopicMetadata> {
  const doing = `wait for the topic ${name}`;
  return await patient(doing, APPEARS, async () => {
    const topic = await cluster.topic(name, ONCE);
    const isWhole = topic?.leaders.every(({ leader }) => leader >= 0) === true;
    if (topic !== undefined && topic.partitions >= partitions && isWhole) return topic;
    throw new BrokerFault(LEADER_NOT_AVAILABLE, doing);
  });
}
