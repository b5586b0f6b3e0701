import { MeshError } from "../../kernel/error.ts";
import type { LinkShare } from "../../kernel/link-groups.ts";
import type { TopicSource } from "../../kernel/ports.ts";

/** Some of a stream's partitions. */
export type Some = Pick<LinkShare, "partitions" | "of">;

/**
 * The same source for a stream that has some of the topic's partitions only: none of the others begins. `describe` throws
 * STREAM_CHANGED where the topic has other partitions than those that were shared out: nobody would have the new ones.
 */
export function somePartitions(source: TopicSource, { partitions, of }: Some): TopicSource {
  const wanted = new Set(partitions);
  return {
    describe: async (topic) => {
      const description = await source.describe(topic);
      if (description.partitions === of) return description;
      throw new MeshError(
        "STREAM_CHANGED",
        `The topic ${topic} has ${description.partitions} partitions, not ${of}.`,
      );
    },
    positions: async (topic, at) => {
      const positions = await source.positions(topic, at);
      return positions.filter(({ partition }) => wanted.has(partition));
    },
    read: (topic, from, signal) => source.read(topic, from, signal),
  };
}
