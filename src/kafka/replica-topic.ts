import { describeConfigsV4, incrementalAlterConfigsV1 } from "@platformatic/kafka";
import { MeshError } from "../kernel/error.ts";
import type { ReplicaLink } from "../kernel/ports.ts";
import { createTopic, growTopic } from "./admin.ts";
import type { Cluster, TopicMetadata } from "./cluster.ts";
import { patient } from "./patience.ts";
import { shownTopic } from "./shown-topic.ts";

/** Settings that follow the link while it lives; all others are set when the topic is made, and are its owner's from then on. */
const FOLLOWED = /^(retention\.ms|cleanup\.policy|max\.message\.bytes|message\.timestamp\..+)$/u;

const TOPIC_RESOURCE = 2;
const SET_OPERATION = 0;

/**
 * The replica topic, made when it is not there; with as many partitions as the link has, at least, and its settings in step.
 * Throws KAFKA_DENIED, KAFKA_REFUSED, KAFKA_UNAVAILABLE.
 */
export async function preparedTopic(cluster: Cluster, link: ReplicaLink): Promise<TopicMetadata> {
  const found = await cluster.topic(link.topic);
  if (found === undefined) {
    await createTopic(cluster.settings, link.topic, link.partitions, link.topicConfig);
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
  const wanted = Object.entries(link.topicConfig).filter(([name]) => FOLLOWED.test(name));
  if (wanted.length === 0) return;
  const resource = { resourceType: TOPIC_RESOURCE, resourceName: link.topic } as const;
  const doing = `bring the settings of the topic ${link.topic} into step`;
  try {
    await patient(doing, undefined, async () => {
      const connection = await cluster.any();
      const configurationKeys = wanted.map(([name]) => name);
      const asked = [{ ...resource, configurationKeys }];
      const { results } = await connection.call(doing, describeConfigsV4.api, asked, false, false);
      const current = new Map(results[0]?.configs.map(({ name, value }) => [name, value]));
      const configs = wanted
        .filter(([name, value]) => current.get(name) !== value)
        .map(([name, value]) => ({ name, value, configOperation: SET_OPERATION }) as const);
      if (configs.length === 0) return;
      await connection.call(doing, incrementalAlterConfigsV1.api, [{ ...resource, configs }], false);
    });
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== "KAFKA_DENIED") throw error;
  }
}
