import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FetchLane } from "../../src/kafka/fetch-lane.ts";
import { FETCH_SIZES, type FetchPartition, type FetchSizes } from "../../src/kafka/fetch-request.ts";
import { readBatchHeader } from "../../src/kafka/record-batch.ts";
import { sharedKafka } from "../support/kafka.ts";
import { Lab, plainSettings } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

const fromStart = (partition: number): FetchPartition => ({
  partition,
  offset: 0n,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
});

/** A lane to the leader of a new topic, and a way to wait for what it brings. */
async function laneTo(partitions: number, options: { sizes?: FetchSizes; leader?: number } = {}) {
  const name = await lab.topic(partitions);
  for (let partition = 0; partition < partitions; partition += 1)
    await lab.write(name, partition, [{ value: `p${partition}` }]);
  const topic = await lab.cluster.topic(name);
  const leader = options.leader ?? topic?.leaders[0]?.leader ?? -1;
  let ready = Promise.withResolvers<void>();
  const lane = new FetchLane(
    lab.cluster,
    leader,
    { name, topicId: topic?.topicId ?? "" },
    Array.from({ length: partitions }, (_, partition) => partition),
    () => ready.resolve(),
    options.sizes ?? FETCH_SIZES,
  );
  const answer = async (place = fromStart) => {
    ready = Promise.withResolvers();
    lane.ask(place);
    expect(lane.take()).toBeUndefined();
    await ready.promise;
    return lane.take();
  };
  return { lane, answer, name };
}

describe("a fetch lane", () => {
  it("has nothing before its answer came, the answer once, and then nothing again", async () => {
    const { lane, answer } = await laneTo(1);
    expect(lane.take()).toBeUndefined();
    const came = await answer();
    expect(came?.error).toBe(0);
    const records = came?.partitions[0]?.records;
    expect(records && readBatchHeader(records).baseOffset).toBe(0n);
    expect(lane.take()).toBeUndefined();
  });

  it("asks for its partitions in turn, so that the first does not starve the others", async () => {
    const { answer } = await laneTo(3, { sizes: { bytesMax: 1, partitionBytesMax: 1 } });
    const first: (number | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      const asked: number[] = [];
      const came = await answer((partition) => {
        asked.push(partition);
        return fromStart(partition);
      });
      expect(asked.toSorted()).toEqual([0, 1, 2]);
      // With room for one batch the broker fills in the first that was asked.
      const filled = came?.partitions.filter(({ records }) => records !== null && records.length > 0);
      expect(filled?.map(({ partition }) => partition)).toEqual(asked.slice(0, 1));
      first.push(asked[0]);
    }
    expect(first).toEqual([0, 1, 2]);
  });

  it("asks for little at first, and then for as much as it may", async () => {
    const { answer, name } = await laneTo(1);
    for (let batch = 0; batch < 4; batch += 1)
      await lab.write(name, 0, [{ value: randomBytes(20_000).toString("hex") }]);
    const lengths: (number | undefined)[] = [];
    for (let round = 0; round < 2; round += 1) lengths.push((await answer())?.partitions[0]?.records?.length);
    expect(lengths[0]).toBeLessThanOrEqual(32 * 1024);
    expect(lengths[1]).toBeGreaterThan(4 * 40_000);
  });

  it("says where a partition stands only when its request leaves", async () => {
    const { answer, name } = await laneTo(1);
    await answer();
    await lab.write(name, 0, [{ value: "second" }]);
    const came = await answer((partition) => ({ ...fromStart(partition), offset: 1n }));
    const records = came?.partitions[0]?.records;
    expect(records && readBatchHeader(records).baseOffset).toBe(1n);
  });

  it("throws what its request failed with when it is taken, once, and can ask again", async () => {
    const { lane, answer } = await laneTo(1, { leader: 4711 });
    await expect(answer()).rejects.toMatchObject({ fault: "LEADER_NOT_AVAILABLE" });
    expect(lane.take()).toBeUndefined();
    await expect(answer()).rejects.toMatchObject({ fault: "LEADER_NOT_AVAILABLE" });
  });
});
