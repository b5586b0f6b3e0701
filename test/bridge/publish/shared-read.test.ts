import { describe, expect, test } from "vitest";
import { BOUNDS, FollowedTopic, filled, settle } from "./followed-topic.ts";

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

  test("and goes away again leaves nothing behind in the other's window", async () => {
    const topic = filled(2);
    const first = await topic.reader([1n]);
    await topic.drain();
    const late = await topic.reader([0n]);
    late.take();
    await settle();
    for (let times = 0; times < 4; times += 1) {
      topic.append(0, 1);
      await topic.drain([first]);
    }
    const kept = topic.open[0]?.unreleased;
    expect(kept?.size).toBe(2);
    late.abort();
    expect(kept?.size).toBe(0);
  });

  test("joins a reading that rests where it begins", async () => {
    const topic = filled(2);
    const first = await topic.reader([0n]);
    first.take();
    await settle();
    const late = await topic.reader([1n]);
    late.take();
    await settle();
    expect(late.held).toHaveLength(1);
    expect(topic.readings).toHaveLength(1);
  });

  test("waits with one of two readings where both are, of which neither may join the other", async () => {
    const topic = filled(1);
    const [first, other] = [await topic.reader([0n]), await topic.reader([1n], 1)];
    await topic.drain();
    const late = await topic.reader([1n]);
    await topic.drain();
    expect(topic.open).toHaveLength(2);
    topic.log(0).changeLeader();
    topic.append(0, 1);
    await topic.drain();
    for (const reader of [first, other, late]) expect(reader.seen.get(0)?.at(-1)).toBe("0.1");
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
    ["with other partitions", async (topic: FollowedTopic) => await topic.reader([1n])],
    [
      "with a topic that was made again",
      async (topic: FollowedTopic) => {
        topic.cluster.makeTopic("orders", 2);
        return await topic.reader([1n, 0n]);
      },
    ],
    [
      "with a topic that has grown",
      async (topic: FollowedTopic) => {
        topic.cluster.growTopic("orders", 3);
        return await topic.reader([1n, 0n]);
      },
    ],
  ])("has a reading of its own %s", async (_what, begin) => {
    const topic = new FollowedTopic(2, BOUNDS);
    topic.append(0, 1);
    const first = await topic.reader([0n, 0n]);
    first.take();
    await settle();
    expect(first.held).toHaveLength(1);
    (await begin(topic)).take();
    await settle();
    expect(topic.readings).toHaveLength(2);
  });
});
