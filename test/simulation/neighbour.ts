import { MeshError } from "../../src/kernel/error.ts";
import type { TopicSource } from "../../src/kernel/ports.ts";
import type { Chance } from "./chance.ts";
import { SOURCE_TOPIC } from "./history.ts";
import type { Life } from "./life.ts";

/**
 * A stream of another agreement on the same topic, which comes and goes at its own pace until its process dies: what it shares
 * with the stream that is observed must change nothing there.
 */
export async function neighbour(
  source: TopicSource,
  life: Life,
  chance: Chance,
  signal: AbortSignal,
): Promise<void> {
  while (!life.isOver) {
    try {
      const topic = await source.describe(SOURCE_TOPIC);
      const from = await source.positions(topic.name, chance.pick(["earliest", "latest"] as const));
      let left = chance.between(1, 60);
      for await (const run of source.read(topic, from, signal)) {
        // Some look long at what they have, and some forget to give it back.
        if (!("error" in run) && chance.oneIn(2)) run.release?.();
        left -= 1;
        if (left === 0) break;
        if (chance.oneIn(3)) await life.clock.sleep(chance.below(100));
      }
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
    }
    await life.clock.sleep(chance.between(10, 1_000));
  }
}
