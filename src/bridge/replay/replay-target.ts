import { MeshError } from "../../kernel/error.ts";
import type { TopicSource } from "../../kernel/ports.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { replicaTopic } from "../../mesh/replica-topic.ts";

interface TargetPorts {
  readonly owner: string;
  readonly registry: Registry;
  readonly source: TopicSource;
  readonly topicPrefix: string;
}

/** As Kafka has it; those that begin with an underscore are its own and ours. */
const NAME = /^(?!_)(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

/**
 * Whether a replay may write into a topic: one that a replay of the agreement made before, or one that nobody has yet, so that no
 * application's topic is written into. Throws REQUEST_INVALID, CONFLICT.
 */
export async function checkTarget(topic: string, agreement: string, ports: TargetPorts): Promise<void> {
  if (!NAME.test(topic))
    throw new MeshError(
      "REQUEST_INVALID",
      "`into` must be a topic's name: letters, digits, dots, lines, no underscore in front.",
    );
  const { registry, source, topicPrefix, owner } = ports;
  const { snapshot } = registry;
  const replays = snapshot.all("Replay").filter(({ value }) => value.into === topic);
  if (replays.some(({ value }) => value.agreement === agreement)) return;
  const replicas = snapshot
    .all("AccessAgreement")
    .flatMap(({ value: { consumer, provider, contractName } }) => {
      const publisher = snapshot.partner(provider);
      return consumer === owner && publisher ? [replicaTopic(topicPrefix, publisher.name, contractName)] : [];
    });
  const sources = snapshot.all("DataContract").map(({ value }) => value.topic);
  const isTaken = replays.length > 0 || [...replicas, ...sources].includes(topic);
  if (isTaken || (await exists(topic, source)))
    throw new MeshError(
      "CONFLICT",
      `The topic ${topic} is somebody's: a replay writes into the link's own replica, or into a topic that does not exist yet.`,
    );
}

async function exists(topic: string, source: TopicSource): Promise<boolean> {
  try {
    await source.describe(topic);
    return true;
  } catch (error) {
    if (error instanceof MeshError && error.code === "SOURCE_MISSING") return false;
    throw error;
  }
}
