import { MeshError } from "../kernel/error.ts";
import type { TopicDescription } from "../kernel/ports.ts";
import type { Cluster, TopicMetadata } from "./cluster.ts";
import { ONCE } from "./patience.ts";

const LOOK_EVERY_MS = 5_000;

/** The topic as it is now. Throws SOURCE_MISSING, SOURCE_RECREATED, STREAM_CHANGED when it is not as it was described. */
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
  return found;
}

/** Looks at the topic every few seconds, beside its reading; partitions added show nowhere in what is fetched. */
export class TopicWatch {
  readonly #timer: NodeJS.Timeout;
  #change: MeshError | undefined;

  /** `onChange` is called once, when there is a `change`. */
  constructor(cluster: Cluster, topic: TopicDescription, onChange: () => void, everyMs = LOOK_EVERY_MS) {
    this.#timer = setInterval(() => {
      sameTopic(cluster, topic).catch((error: unknown) => {
        // What else may be the matter, the fetches find out, or the next look.
        if (!(error instanceof MeshError) || error.code !== "STREAM_CHANGED") return;
        this.#change = error;
        this.stop();
        onChange();
      });
    }, everyMs);
    this.#timer.unref();
  }

  /** STREAM_CHANGED, or undefined as long as nothing changed. */
  get change(): MeshError | undefined {
    return this.#change;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
