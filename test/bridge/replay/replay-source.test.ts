import fc from "fast-check";
import { expect, test } from "vitest";
import { upToEnds } from "../../../src/bridge/replay/replay-source.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { MemoryCluster } from "../../support/memory-cluster.ts";
import { memoryTopicSource } from "../../support/memory-topic-source.ts";

/** A topic with batches of so many records each, by partition. */
function clusterOf(sizes: readonly (readonly number[])[]): MemoryCluster {
  const cluster = new MemoryCluster();
  cluster.makeTopic("t", sizes.length);
  for (const [partition, batches] of sizes.entries())
    for (const size of batches)
      cluster.append(
        "t",
        partition,
        Array.from({ length: size }, () => ({
          timestamp: 0n,
          key: null,
          value: Buffer.from("{}"),
          headers: [],
        })),
      );
  return cluster;
}

/** Partition → offsets read, up to where nothing more comes. */
async function offsetsRead(cluster: MemoryCluster, ends: ReadonlyMap<number, bigint>) {
  const source = upToEnds(memoryTopicSource(cluster, 2), ends);
  const stop = new AbortController();
  const read = new Map([...ends.keys()].map((partition) => [partition, [] as number[]]));
  const lags: bigint[] = [];
  const topic = await source.describe("t");
  const from = await source.positions("t", "earliest");
  setImmediate(() => setTimeout(() => stop.abort(), 5));
  for await (const run of source.read(topic, from, stop.signal)) {
    if ("error" in run) throw run.error;
    lags.push(run.end - run.next.offset);
    for (const batch of run.batches)
      for (const { offset } of recordCodec.decode(batch, run.from.offset, 1e9))
        read.get(run.from.partition)?.push(Number(offset));
  }
  return { read, lags };
}

test("every record before the ends comes once and in order, and no batch that begins behind them", async () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(sizes, fc.infiniteStream(fc.nat(30)), async (batches, numbers) => {
      const ends = new Map(batches.map((_, partition) => [partition, BigInt(numbers.next().value ?? 0)]));
      const { read, lags } = await offsetsRead(clusterOf(batches), ends);
      for (const [partition, end] of ends) {
        const offsets = read.get(partition) ?? [];
        expect(offsets).toEqual(offsets.map((_, at) => at));
        let start = 0;
        const starts = [0, ...(batches[partition] ?? []).map((size) => (start += size))];
        const last = starts.find((each) => each >= Number(end)) ?? starts.at(-1) ?? 0;
        expect(offsets).toHaveLength(Number(end) === 0 ? 0 : last);
      }
      expect(lags.every((lag) => lag < 30n)).toBe(true);
    }),
    { numRuns: 40 },
  );
});
