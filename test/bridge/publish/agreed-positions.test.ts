import { expect, test } from "vitest";
import { agreedPositions, type Beginning } from "../../../src/bridge/publish/agreed-positions.ts";
import type { Agreement } from "../../../src/kernel/agreement.ts";
import { MemoryCluster } from "../../support/memory-cluster.ts";
import { memoryTopicSource } from "../../support/memory-topic-source.ts";

const cluster = new MemoryCluster();
cluster.makeTopic("t", 2);
for (const time of [1_000n, 2_000n, 3_000n, 4_000n])
  cluster.append("t", 0, [{ timestamp: time, key: null, value: Buffer.from("{}"), headers: [] }]);
const source = memoryTopicSource(cluster);

test.each<[string, Agreement["start"], Beginning, bigint]>([
  ["all of it from its beginning", { at: "earliest" }, "earliest", 0n],
  ["all of it from a time", { at: "earliest" }, { time: 3_000 }, 2n],
  ["what is new, from its beginning", { at: "latest" }, "earliest", 1n],
  ["what is new, from a time before", { at: "latest" }, { time: 500 }, 1n],
  ["what is new, from a time after", { at: "latest" }, { time: 4_000 }, 3n],
  ["what is younger than a time, from its beginning", { at: "time", time: 3_000 }, "earliest", 2n],
  ["what is younger than a time, from the end", { at: "time", time: 3_000 }, "latest", 4n],
])("an agreement on %s", async (_, start, at, offset) => {
  const agreement = { start, startsAt: 2_000 } as Agreement;
  const [position, empty] = await agreedPositions(source, "t", agreement, at);
  expect([position?.offset, empty?.offset]).toEqual([offset, 0n]);
});
