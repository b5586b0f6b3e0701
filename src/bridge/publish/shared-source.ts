import type { TopicSource } from "../../kernel/ports.ts";
import type { Readings, WindowBounds } from "./reading.ts";
import { SharedRead } from "./shared-read.ts";

const MIB = 1024 * 1024;

/** For each reading. A run keeps the whole answer alive that it is part of, so the first and the last one count in full. */
const WINDOW: WindowBounds = { bytesMax: 8 * MIB, keptBytes: 2 * MIB };

/**
 * The same source, which is read once for all who read the same partitions of a topic from about the same place. Nobody
 * waits for another, and each gets what it would get alone: every run from its place on, once and in order, and the reading's
 * wedges and errors. Runs are released to `source` when all who took them have released them.
 */
export function sharedSource(source: TopicSource, bounds: WindowBounds = WINDOW): TopicSource {
  const readings: Readings = new Map();
  return {
    describe: async (topic) => await source.describe(topic),
    positions: async (topic, at) => await source.positions(topic, at),
    read: (...asked) => ({
      [Symbol.asyncIterator]: () => new SharedRead(asked, source, readings, bounds),
    }),
  };
}
