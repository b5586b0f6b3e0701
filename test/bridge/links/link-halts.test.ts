import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LinkHalts } from "../../../src/bridge/links/link-halts.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { SourceWedge, TopicSource } from "../../../src/kernel/ports.ts";
import { AGREEMENT } from "../../mesh/two-companies.ts";
import { type Subscriber, subscriberOf } from "../links.ts";
import {
  demand,
  type Gateways,
  namesIn,
  pass,
  REPLICA,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

const away = new MeshError("KAFKA_REFUSED", "The broker says no.", { context: { side: "publisher" } });
const gone = new MeshError("SOURCE_TRUNCATED", "Records are gone.", { context: { side: "publisher" } });
const changed = new MeshError("LINK_FRAME_REFUSED", "A frame was refused.");

describe("partitions that halted", () => {
  test("are tried again after pauses that grow, where time may mend it", () => {
    const halts = new LinkHalts();
    const pauses = Array.from({ length: 8 }, (_, at) => halts.note(0, away, at));
    expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  test("are tried again seldom where only a person can mend it", () => {
    expect(new LinkHalts().note(0, gone, 0)).toBe(300_000);
  });

  test("begin anew with another reason", () => {
    const halts = new LinkHalts();
    halts.note(1, away, 5);
    halts.note(1, away, 6);
    expect(halts.all(7)).toMatchObject([
      { partition: 1, code: "KAFKA_REFUSED", side: "publisher", since: 5 },
    ]);
    expect(halts.note(1, changed, 8)).toBe(10_000);
    expect(halts.all(9)).toMatchObject([{ code: "LINK_FRAME_REFUSED", side: "subscriber", since: 8 }]);
  });

  test("are shown until they were tried again and gave no more trouble", () => {
    const halts = new LinkHalts();
    halts.note(2, away, 0);
    halts.note(1, away, 0);
    halts.opened(10_000);
    halts.note(2, away, 11_000);
    expect(halts.all(15_000).map(({ partition }) => partition)).toEqual([1, 2]);
    expect(halts.all(20_001).map(({ partition }) => partition)).toEqual([2]);
    halts.opened(31_000);
    expect(halts.note(1, away, 32_000)).toBe(10_000);
  });
});

describe("partitions whose batch the target refused", () => {
  const large = (partition: number, code: "KAFKA_REFUSED" | "TARGET_TOPIC" = "KAFKA_REFUSED") =>
    new MeshError(code, "A batch is too large.", { context: { refusedPartition: partition } });
  const without = (halts: LinkHalts, now: number) => {
    const { partitions, forMs } = halts.leftOut(now);
    return { partitions: [...partitions], forMs };
  };

  test("are left out of sessions until each is to be tried again; others are not", () => {
    const halts = new LinkHalts();
    halts.note(0, away, 0);
    expect(without(halts, 0)).toEqual({ partitions: [], forMs: 0 });
    halts.note(1, large(1), 0);
    halts.note(2, large(2, "TARGET_TOPIC"), 4_000);
    expect(without(halts, 4_000)).toEqual({ partitions: [1, 2], forMs: 6_000 });
    expect(without(halts, 10_000)).toEqual({ partitions: [2], forMs: 294_000 });
    expect(without(halts, 304_000)).toEqual({ partitions: [], forMs: 0 });
    halts.note(1, large(1), 304_000);
    expect(without(halts, 304_000)).toEqual({ partitions: [1], forMs: 20_000 });
  });

  test("are all in the next session when somebody asks for it", () => {
    const halts = new LinkHalts();
    halts.note(1, large(1), 0);
    halts.tryAll();
    expect(without(halts, 1)).toEqual({ partitions: [], forMs: 0 });
    expect(halts.all(1)).toHaveLength(1);
    expect(halts.note(1, large(1), 2)).toBe(20_000);
  });

  test("are not left out for longer because a clock was set back", () => {
    const halts = new LinkHalts();
    halts.note(1, large(1), 3_600_000);
    expect(without(halts, 0)).toEqual({ partitions: [], forMs: 0 });
  });

  test("are shown for as long as sessions are opened without them", () => {
    const halts = new LinkHalts();
    halts.note(1, large(1), 0);
    halts.opened(1, new Set([1]));
    expect(halts.all(60_000)).toHaveLength(1);
    halts.opened(60_001);
    expect(halts.all(70_001)).toHaveLength(1);
    expect(halts.all(70_002)).toEqual([]);
  });
});

describe("a link with a partition that halted", () => {
  let world: Gateways;
  let helix: Subscriber;
  /** Partition that can't be read, and why. */
  let wedge: SourceWedge | undefined;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    world = await twoGateways(2);
    const { source } = world.ports;
    Object.assign(world.ports.source, { read: wedged(source.read) });
    wedge = { partition: 1, error: new MeshError("SOURCE_CORRUPT", "A batch fails its checksum.") };
    helix = subscriberOf(world);
    await until(world, () => helix.link.halted.length > 0);
  });
  afterEach(async () => {
    const closing = helix.supervisor.close();
    await pass(world, 500);
    await closing;
    vi.useRealTimers();
  });

  const wedged = (read: TopicSource["read"]): TopicSource["read"] =>
    async function* (topic, from, signal) {
      const known = wedge;
      if (known !== undefined && from.some(({ partition }) => partition === known.partition)) yield known;
      for await (const run of read(topic, from, signal))
        if ("error" in run || run.from.partition !== known?.partition) yield run;
    };

  test("runs on with the others, and names the partition, its code and the side", async () => {
    world.source.append(SOURCE, 0, [demand("a")]);
    world.source.append(SOURCE, 1, [demand("b")]);
    await until(world, () => namesIn(world.target, REPLICA, 0).length === 1);
    expect(helix.link.state).toMatchObject({ phase: "running", code: "" });
    expect(helix.link.halted).toMatchObject([{ partition: 1, code: "SOURCE_CORRUPT", side: "publisher" }]);
    expect(helix.link.state.last).toMatchObject({ code: "SOURCE_CORRUPT" });
    expect(namesIn(world.target, REPLICA, 1)).toEqual([]);
  });

  test("tries it again by itself once in five minutes, and that is no failure", async () => {
    world.source.append(SOURCE, 1, [demand("b")]);
    const before = world.clock.now();
    wedge = undefined;
    await until(world, () => namesIn(world.target, REPLICA, 1).length === 1, 500);
    expect(world.clock.now() - before).toBeGreaterThan(250_000);
    expect(helix.link.state.failures).toBe(0);
    await pass(world, 11_000);
    expect(helix.link.halted).toEqual([]);
  });

  test("tries it again at once when its operator resumes the link", async () => {
    world.source.append(SOURCE, 1, [demand("b")]);
    wedge = undefined;
    const before = world.clock.now();
    await helix.acts.control(AGREEMENT, "resume", "Disk mended.");
    await until(world, () => namesIn(world.target, REPLICA, 1).length === 1);
    expect(world.clock.now() - before).toBeLessThan(2_000);
  });

  test("has no replay that is done without it", async () => {
    world.source.append(SOURCE, 0, [demand("a")]);
    world.source.append(SOURCE, 1, [demand("b")]);
    const again = (partition: number) =>
      world.target.topics.has("again") ? namesIn(world.target, "again", partition) : [];
    const status = () => world.helix.registry.snapshot.all("Replay")[0]?.value.status;
    await helix.acts.replay(AGREEMENT, { from: "earliest", into: "again" });
    await until(world, () => again(0).length === 1);
    await pass(world, 5_000);
    expect([status(), again(1)]).toEqual(["running", []]);
    wedge = undefined;
    await helix.acts.control(AGREEMENT, "resume", "");
    await until(world, () => status() === "done");
    expect([again(0), again(1)]).toEqual([["a"], ["b"]]);
  });
});

test("a stream that got more partitions is opened anew at once, and that is no failure", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const world = await twoGateways(1);
  const { read } = world.ports.source;
  let isChanged = false;
  const changing: TopicSource["read"] = async function* (topic, from, signal) {
    for await (const run of read(topic, from, signal)) {
      if (isChanged) {
        isChanged = false;
        throw new MeshError("STREAM_CHANGED", "The topic got more partitions.");
      }
      yield run;
    }
  };
  Object.assign(world.ports.source, { read: changing });
  const helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
  isChanged = true;
  world.source.append(SOURCE, 0, [demand("a")]);
  const before = world.clock.now();
  await until(world, () => namesIn(world.target, REPLICA, 0).length === 1);
  expect(world.clock.now() - before).toBeLessThan(1_000);
  expect(helix.link.state.failures).toBe(0);
  expect(isChanged).toBe(false);
  const closing = helix.supervisor.close();
  await pass(world, 500);
  await closing;
  vi.useRealTimers();
});
