import { MeshError } from "../kernel/error.ts";
import type { ReplicaLink } from "../kernel/ports.ts";
import { createTopic, growTopic } from "./admin.ts";
import type { Cluster, TopicMetadata } from "./cluster.ts";
import { DESCRIBE_TOPIC, SET_TOPIC } from "./config-requests.ts";
import { ClusterAway, passes } from "./fault.ts";
import { ONCE, patient } from "./patience.ts";
import { followedNames, settingsOf, settingsToSet } from "./replica-settings.ts";
import { shownTopic } from "./shown-topic.ts";

/**
 * The replica topic, made when it is not there; with as many partitions as the link has, at least, and its settings in step.
 * Throws KAFKA_DENIED, KAFKA_REFUSED, KAFKA_UNAVAILABLE.
 */
export async function preparedTopic(cluster: Cluster, link: ReplicaLink): Promise<TopicMetadata> {
  const found = await cluster.topic(link.topic);
  if (found === undefined) {
    await createTopic(cluster.settings, link.topic, link.partitions, settingsOf(link.topicConfig));
    return await shownTopic(cluster, link.topic, link.partitions);
  }
  await followSettings(cluster, link);
  if (found.partitions >= link.partitions) return found;
  await grown(cluster, link);
  return await shownTopic(cluster, link.topic, link.partitions);
}

/** After so long without a write, ms, a writer looks at its topic again: by then it may be another of the same name. */
export const LOOK_AFTER_MS = 1_000;

/**
 * The topic as it is now; as it was, where no broker can tell for the moment. Throws KAFKA_REFUSED when it was deleted and made again: who
 * goes on writing leaves out what it held before, and cursors would say that it is there. ClusterAway.
 */
export async function sameReplica(cluster: Cluster, topic: TopicMetadata): Promise<TopicMetadata> {
  const found = await cluster.topic(topic.name, ONCE).catch((error: unknown) => {
    if (error instanceof ClusterAway || !passes(error)) throw error;
    return undefined;
  });
  if (found === undefined || found.topicId === topic.topicId) return found ?? topic;
  throw new MeshError(
    "KAFKA_REFUSED",
    `The topic ${topic.name} was deleted and made again while it was written.`,
  );
}

/** Another replica of this gateway may be quicker; then there is nothing to do. */
async function grown(cluster: Cluster, link: ReplicaLink): Promise<void> {
  try {
    await growTopic(cluster.settings, link.topic, link.partitions);
  } catch (error) {
    const isGrown = error instanceof MeshError && error.context.fault === "INVALID_PARTITIONS";
    if (!isGrown) throw error;
  }
}

/** Sets what differs. A gateway that may not look or set leaves the topic to its owner: no record depends on it. */
async function followSettings(cluster: Cluster, link: ReplicaLink): Promise<void> {
  const names = [...followedNames(link.topicConfig)];
  if (names.length === 0) return;
  const doing = `bring the settings of the topic ${link.topic} into step`;
  try {
    await patient(doing, undefined, async () => {
      const connection = await cluster.any();
      const current = await connection.call(doing, DESCRIBE_TOPIC, link.topic, names);
      const changed = Object.entries(settingsToSet(link.topicConfig, current));
      if (changed.length > 0) await connection.call(doing, SET_TOPIC, link.topic, changed);
    });
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== "KAFKA_DENIED") throw error;
  }
}
