import { MeshError } from "../kernel/error.ts";
import type { ReplicaLink } from "../kernel/ports.ts";
import { createTopic, growTopic } from "./admin.ts";
import type { Cluster, TopicMetadata } from "./cluster.ts";
import { DESCRIBE_TOPIC, SET_TOPIC } from "./config-requests.ts";
import { patient } from "./patience.ts";
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
