import { describe, expect, test } from "vitest";
import { MeshError } from "../../../src/kernel/error.ts";
import { FollowedTopic, settle } from "./followed-topic.ts";

/** A run of a record counts for a little more than 1 KiB: a window has room for about six, and two stay. */
const BOUNDS = { bytesMax: 7_000, keptBytes: 2_500 };

/** Batch after batch of one record each. */
function filled(count: number, partitions = 1): FollowedTopic {
  const topic = new FollowedTopic(partitions, BOUNDS);
  for (let partition = 0; partition < partitions; partition += 1)
    for (let at = 0; at < count; at += 1) topic.append(partition, 1);
  return topic;
}

describe("one who reads alone", () => {
  test("gets the source's own runs, to be released by itself, and nothing is kept", async () => {
    const topic = filled(3);
    const alone = await topic.reader([0n]);
    alone.take();
    await settle();
    expect([...(topic.open[0]?.unreleased ?? [])]).toEqual(alone.held);
    expect(topic.open[0]?.unreleased.has(alone.held[0] ?? expect.fail())).toBe(true);
    alone.letGo();
    expect(topic.released).toHaveLength(1);
    await topic.drain();
    expect(topic.open[0]?.unreleased.size).toBe(0);
  });
});

describe("two who begin at the same place", () => {
  test("are served by one reading, which asks for each run once", async () => {
    const topic = filled(5, 2);
    const both = [await topic.reader([0n, 0n]), await topic.reader([0n, 0n])];
    await topic.drain();
    expect(topic.readings).toHaveLength(1);
    expect(topic.pulls).toBe(10);
    for (const reader of both) expect(reader.seen.get(1)).toEqual(["1.0", "1.1", "1.2", "1.3", "1.4"]);
  });

  test("hold a run until both have released it, and it is released once", async () => {
    const topic = filled(1);
    const [first, second] = [await topic.reader([0n]), await topic.reader([0n])];
    for (const reader of [first, second]) reader.take();
    await settle();
    const [run] = first.held;
    first.letGo();
    run?.release?.();
    expect(topic.released).toHaveLength(0);
    second.letGo();
    expect(topic.released).toHaveLength(1);
    expect(second.seen.get(0)).toEqual(["0.0"]);
  });

  test("keep a run that only one of them has taken yet, however soon that one releases it", async () => {
    const topic = filled(2);
    const [first, second] = [await topic.reader([0n]), await topic.reader([0n])];
    for (const reader of [first, second]) reader.take();
    await settle();
    for (const reader of [first, second]) reader.letGo();
    await topic.drain([first]);
    expect(topic.released).toHaveLength(1);
    await topic.drain([second]);
    expect(second.seen.get(0)).toEqual(["0.0", "0.1"]);
    expect(topic.released).toHaveLength(2);
  });

  test("do not wait for each other: who does not take is left behind, and reads on by itself", async () => {
    const topic = filled(20);
    const [fast, slow] = [await topic.reader([0n]), await topic.reader([0n])];
    slow.take();
    await topic.drain([fast]);
    expect(fast.seen.get(0)).toEqual(fast.expected(0, 20n));
    topic.checkWindows();
    expect(topic.readings).toHaveLength(1);
    await topic.drain();
    expect(slow.seen.get(0)).toEqual(slow.expected(0, 20n));
    expect(topic.readings.map(({ from }) => from[0]?.offset)).toEqual([0n, 1n]);
  });

  test("end by themselves: who stops, also while it waits, takes nothing from the other", async () => {
    const topic = filled(1);
    const [first, second] = [await topic.reader([0n]), await topic.reader([0n])];
    await topic.drain();
    expect([first.isWaiting, second.isWaiting]).toEqual([true, true]);
    first.abort();
    await settle();
    expect([first.isOver, second.isOver, topic.open.length]).toEqual([true, false, 1]);
    topic.append(0, 1);
    await topic.drain();
    expect(second.seen.get(0)).toEqual(["0.0", "0.1"]);
    await second.leave();
    await settle();
    expect(topic.open).toHaveLength(0);
  });

  test("both get what the source throws, once they have what came before it", async () => {
    const topic = filled(2);
    const [first, second] = [await topic.reader([0n]), await topic.reader([0n])];
    await topic.drain();
    for (const reading of topic.open) reading.isToFail = true;
    topic.append(0, 1);
    await settle();
    for (const { failure, seen } of [first, second]) {
      expect(failure).toBeInstanceOf(MeshError);
      expect(seen.get(0)).toEqual(["0.0", "0.1"]);
    }
    for (const reader of [first, second]) reader.retry();
    await topic.drain();
    expect(second.seen.get(0)).toEqual(["0.0", "0.1", "0.2"]);
    expect(topic.readings).toHaveLength(2);
  });

  test("are both told of a wedge, and go on together", async () => {
    const topic = filled(1, 2);
    topic.append(0, 1);
    topic.corrupt(0);
    const both = [await topic.reader([0n, 0n]), await topic.reader([0n, 0n])];
    await topic.drain();
    topic.append(1, 1);
    await topic.drain();
    for (const { wedged, seen } of both) {
      expect(wedged).toEqual([0]);
      expect(seen.get(1)).toEqual(["1.0", "1.1"]);
    }
    expect(topic.readings).toHaveLength(1);
    const late = await topic.reader([0n, 0n]);
    await topic.drain();
    expect(late.wedged).toEqual([0]);
    expect(late.seen.get(0)).toEqual(["0.0"]);
  });
});

describe("one who comes later", () => {
  /** One has read to 10; another has not taken what comes from 6 on, so that the window begins there. */
  async function window(): Promise<FollowedTopic> {
    const topic = filled(4);
    const [fast, slow] = [await topic.reader([0n]), await topic.reader([0n])];
    await topic.drain();
    // Who waits already is given these.
    topic.append(0, 2);
    await settle();
    expect(slow.isWaiting).toBe(false);
    for (let times = 0; times < 2; times += 1) topic.append(0, 2);
    await topic.drain([fast]);
    return topic;
  }

  test.each([
    ["where the window begins", 6n, 0, 1],
    ["inside a batch", 7n, 0, 1],
    ["where the reading is", 10n, 0, 1],
    ["from no epoch", 7n, -1, 1],
    ["before the window", 5n, 0, 2],
    ["in another history of the log", 8n, 1, 2],
    ["where the reading is, in another history", 10n, 1, 2],
  ])("begins %s", async (_where, offset, epoch, readings) => {
    const topic = await window();
    const late = await topic.reader([offset], epoch);
    await topic.drain([late]);
    expect(topic.readings).toHaveLength(readings);
    expect(late.seen.get(0) ?? []).toEqual(late.expected(0, topic.log(0).end));
  });

  test("at an earlier place reads by itself until it has caught up", async () => {
    const topic = filled(6);
    const first = await topic.reader([4n]);
    await topic.drain();
    const late = await topic.reader([0n]);
    late.take();
    await settle();
    expect(topic.open).toHaveLength(2);
    await topic.drain();
    expect(topic.open).toHaveLength(1);
    topic.append(0, 1);
    await topic.drain();
    expect(topic.open[0]?.unreleased.size).toBe(0);
    expect(late.seen.get(0)).toEqual(late.expected(0, 7n));
    expect(first.seen.get(0)).toEqual(first.expected(0, 7n));
  });

  test("at a later place does not wait until the others are there", async () => {
    const topic = filled(3);
    const first = await topic.reader([0n]);
    first.take();
    await settle();
    const late = await topic.reader([2n]);
    await topic.drain([late]);
    expect(late.seen.get(0)).toEqual(["0.2"]);
    expect(topic.readings).toHaveLength(2);
  });

  test("is told that its history is gone, where others read another one", async () => {
    const topic = filled(4);
    const old = await topic.reader([0n]);
    await topic.drain();
    await old.leave();
    topic.log(0).cutBack(2n);
    topic.append(0, 4);
    const [fast, slow] = [await topic.reader([0n]), await topic.reader([0n])];
    slow.take();
    await topic.drain([fast]);
    const late = await topic.reader([4n], 0);
    await topic.drain([late]);
    expect(late.wedged).toEqual([0]);
  });

  test.each([
    ["with other partitions", async (topic: FollowedTopic) => await topic.reader([0n])],
    [
      "with a topic that was made again",
      async (topic: FollowedTopic) => {
        topic.cluster.makeTopic("orders", 2);
        return await topic.reader([0n, 0n]);
      },
    ],
    [
      "with a topic that has grown",
      async (topic: FollowedTopic) => {
        topic.cluster.growTopic("orders", 3);
        return await topic.reader([0n, 0n]);
      },
    ],
  ])("has a reading of its own %s", async (_what, begin) => {
    const topic = new FollowedTopic(2, BOUNDS);
    const first = await topic.reader([0n, 0n]);
    first.take();
    await settle();
    (await begin(topic)).take();
    await settle();
    expect(topic.readings).toHaveLength(2);
  });
});
