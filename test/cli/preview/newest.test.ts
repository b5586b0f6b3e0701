import { expect, test } from "vitest";
import { newestRecords } from "../../../src/cli/preview/newest.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import type { OutboundRecord } from "../../../src/kernel/record.ts";
import { MemoryCluster } from "../../support/memory-cluster.ts";
import { memoryTopicSource } from "../../support/memory-topic-source.ts";

const record = (name: string, timestamp: number): OutboundRecord => ({
  key: Buffer.from(name),
  value: Buffer.from("v".repeat(10)),
  headers: [],
  timestamp: BigInt(timestamp),
});

/** A topic of these partitions: a list of records is a batch, a number skips so many offsets that hold no record. */
function topicOf(...partitions: readonly (readonly (readonly OutboundRecord[] | number)[])[]) {
  const cluster = new MemoryCluster();
  cluster.makeTopic("t", partitions.length);
  for (const [partition, stretches] of partitions.entries())
    for (const each of stretches) {
      if (typeof each === "number") cluster.log("t", partition).skip(each);
      else cluster.append("t", partition, each);
    }
  return cluster;
}

const WIDE = { bytesMax: 1_000_000, offsetsMax: 1_000_000 };

async function newest(cluster: MemoryCluster, count: number, bounds: Partial<typeof WIDE> = {}) {
  const found = await newestRecords(memoryTopicSource(cluster), recordCodec, "t", count, {
    ...WIDE,
    ...bounds,
  });
  const places = found.records.map(
    (each) => `${Buffer.from(each.record.key ?? []).toString()}@${each.partition}:${each.record.offset}`,
  );
  return { places, cut: found.cut, topicId: found.topic.topicId };
}

const abc = [record("a", 1), record("b", 2), record("c", 3)];
const xyz = [record("x", 1), record("y", 4), record("z", 2)];

test.each<[string, MemoryCluster, number, readonly string[]]>([
  ["the last ones of a partition, also from inside a batch", topicOf([abc]), 2, ["b@0:1", "c@0:2"]],
  ["all of a topic that holds fewer", topicOf([abc]), 9, ["a@0:0", "b@0:1", "c@0:2"]],
  ["none of an empty topic", topicOf([], []), 5, []],
  ["none of a topic of aborted records alone", topicOf([7]), 5, []],
  ["the newest by time of all partitions", topicOf([abc], [xyz]), 3, ["z@1:2", "c@0:2", "y@1:1"]],
  [
    "records of one time in the order of their places",
    topicOf([[record("p", 5)]], [[record("q", 5), record("r", 5)]]),
    3,
    ["p@0:0", "q@1:0", "r@1:1"],
  ],
  ["those before a long stretch without records", topicOf([abc, 500]), 2, ["b@0:1", "c@0:2"]],
  [
    "those around stretches without records",
    topicOf([abc, 9, xyz, 9]),
    4,
    ["c@0:2", "x@0:12", "z@0:14", "y@0:13"],
  ],
])("the newest records are %s", async (_, cluster, count, places) => {
  const found = await newest(cluster, count);
  expect(found.places.toSorted()).toEqual(places.toSorted());
  expect(found.places.at(-1)).toBe(places.at(-1));
  expect(found).toMatchObject({ cut: false, topicId: cluster.topic("t").topicId });
});

test("a topic whose start has expired is read from where it starts now", async () => {
  const cluster = topicOf([abc, xyz]);
  cluster.log("t", 0).truncateBelow(4n);
  expect((await newest(cluster, 9)).places).toEqual(["z@0:5", "y@0:4"]);
});

test("what has no room is left out, the oldest first, and that is told", async () => {
  expect(await newest(topicOf([abc, abc]), 5, { bytesMax: 25 })).toMatchObject({
    places: ["b@0:4", "c@0:5"],
    cut: true,
  });
  expect(await newest(topicOf([abc], [abc]), 5, { bytesMax: 35 })).toMatchObject({
    places: ["b@1:1", "c@0:2", "c@1:2"],
    cut: true,
  });
});

test("the search ends after so many offsets, and that is told", async () => {
  expect(await newest(topicOf([abc, 500]), 2, { offsetsMax: 100 })).toMatchObject({ places: [], cut: true });
});

test("a record that is kept keeps no batch alive", async () => {
  const { records } = await newestRecords(memoryTopicSource(topicOf([abc])), recordCodec, "t", 1, WIDE);
  const { value } = records[0]?.record ?? {};
  expect(value?.buffer.byteLength).toBe(10);
});
