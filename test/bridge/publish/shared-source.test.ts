import { describe, expect, test } from "vitest";
import { MeshError } from "../../../src/kernel/error.ts";
import { FollowedTopic, filled, settle } from "./followed-topic.ts";

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

test("one who has stopped before it began reads nothing", async () => {
  const topic = filled(1);
  const reader = await topic.reader([0n]);
  reader.abort();
  await topic.drain();
  expect([reader.isOver, topic.readings.length]).toEqual([true, 0]);
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

  test("leave a run to one who has stopped, and looks into what it took before", async () => {
    const topic = filled(2);
    const [first, second] = [await topic.reader([0n]), await topic.reader([0n])];
    for (const reader of [first, second]) reader.take();
    await settle();
    for (const reader of [first, second]) reader.letGo();
    first.take();
    await settle();
    first.abort();
    second.take();
    await settle();
    second.letGo();
    expect(topic.released).toHaveLength(1);
    first.letGo();
    expect(first.seen.get(0)).toEqual(["0.0", "0.1"]);
    expect(topic.released).toHaveLength(2);
  });

  test("both get a run that is larger than a window", async () => {
    const topic = new FollowedTopic(1, { bytesMax: 1, keptBytes: 1 });
    const both = [await topic.reader([0n]), await topic.reader([0n])];
    for (const reader of both) reader.take();
    topic.append(0, 1);
    await settle();
    for (const reader of both) expect(reader.held).toHaveLength(1);
    expect(topic.readings).toHaveLength(1);
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
    expect([first.listeners, second.listeners]).toEqual([0, 0]);
  });

  test("hold nothing for one that has left", async () => {
    const topic = filled(3);
    const [first, second] = [await topic.reader([0n]), await topic.reader([0n])];
    second.take();
    await topic.drain([first]);
    expect(topic.open[0]?.unreleased.size).toBe(3);
    second.letGo();
    second.abort();
    expect(topic.open[0]?.unreleased.size).toBe(0);
  });

  test("both get what the source throws, each after what came before it", async () => {
    const topic = filled(2);
    const [first, second] = [await topic.reader([0n]), await topic.reader([0n])];
    second.take();
    await topic.drain([first]);
    for (const reading of topic.open) reading.isToFail = true;
    topic.append(0, 1);
    await settle();
    expect(first.failure).toBeInstanceOf(MeshError);
    first.retry();
    await topic.drain([first]);
    expect(first.seen.get(0)).toEqual(["0.0", "0.1", "0.2"]);
    for (let times = 0; times < 2; times += 1) {
      expect(second.failure).toBeUndefined();
      second.letGoAll();
      second.take();
      await settle();
    }
    expect(second.failure).toBeInstanceOf(MeshError);
    expect(second.seen.get(0)).toEqual(["0.0", "0.1"]);
    second.retry();
    await topic.drain();
    expect(second.seen.get(0)).toEqual(["0.0", "0.1", "0.2"]);
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
