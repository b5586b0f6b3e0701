import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MeshError } from "../../../src/kernel/error.ts";
import type { JsonMembers } from "../../../src/kernel/json.ts";
import type { KafkaRecord, RecordHeader } from "../../../src/kernel/record.ts";
import { AGREEMENT, HELIX } from "../../mesh/two-companies.ts";
import { MemoryCluster } from "../../support/memory-cluster.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { closed, type Subscriber, subscriberOf } from "../links.ts";
import { reconciled } from "../reconciled.ts";
import {
  demand,
  denied,
  type Gateways,
  namesIn,
  pass,
  REPLICA,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

let world: Gateways;
let helix: Subscriber;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(2);
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
});
afterEach(async () => {
  await closed(world, helix);
  vi.useRealTimers();
});

const put = (partition: number, ...names: readonly string[]): void => {
  for (const name of names)
    world.source.append(SOURCE, partition, [name.startsWith("x") ? denied(name) : demand(name)]);
};
const stored = (partition: number) => namesIn(world.target, REPLICA, partition);
const counts = () => [stored(0).length, stored(1).length];
const reset = async (wish: JsonMembers) => (await helix.acts.reset(AGREEMENT, wish)) as JsonMembers;
const byEvent = async () => await reset({ by: "event" });

/** Helix's Kafka is lost; what was copied out of it, `keep` of each partition and with its headers, stands in another one. */
async function failOver(
  keep: readonly [number, number],
  change: (record: KafkaRecord) => KafkaRecord = (record) => record,
): Promise<void> {
  await closed(world, helix);
  const { target } = world;
  const other = new MemoryCluster();
  other.makeTopic(REPLICA, 2);
  for (const [partition, count] of keep.entries())
    for (const record of target.log(REPLICA, partition).records().slice(0, count))
      other.append(REPLICA, partition, [change(record)]);
  world = { ...world, target: other };
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.code === "LINK_CURSOR_LOST");
}

describe("a reset by event", () => {
  test("finds the place in a replica that was copied to another cluster: nothing is lost, nothing comes twice", async () => {
    put(0, "a", "x1", "b", "c");
    put(1, "d", "x2");
    await until(world, () => counts().join() === "3,1");
    // The copy lacks the newest record.
    await failOver([2, 1]);
    put(0, "e");
    put(1, "f");
    expect(await byEvent()).toMatchObject({ done: true, topic: REPLICA });
    await until(world, () => counts().join() === "4,2");
    await pass(world, 2_000);
    expect([stored(0), stored(1)]).toEqual([
      ["a", "b", "c", "e"],
      ["d", "f"],
    ]);
    expect(helix.link.state.phase).toBe("running");
  });

  test("passes over what a replay has written behind it", async () => {
    put(0, "a", "b", "c");
    put(1, "d");
    await until(world, () => counts().join() === "3,1");
    await helix.acts.replay(AGREEMENT, { from: "earliest" });
    await until(world, () => world.helix.registry.snapshot.all("Replay")[0]?.value.status === "done");
    expect(counts()).toEqual([6, 2]);
    await failOver([5, 2]);
    await byEvent();
    put(0, "e");
    await until(world, () => stored(0).length === 6);
    expect(stored(0)).toEqual(["a", "b", "c", "a", "b", "e"]);
  });

  test("is an act in both logs for each partition, and both logs reconcile", async () => {
    put(0, "a", "b");
    await until(world, () => counts().join() === "2,0");
    await failOver([1, 0]);
    await byEvent();
    put(0, "c");
    await until(world, () => counts().join() === "3,0");
    const actsOf = async (company: Gateways["helix"]) =>
      (await company.acts())
        .filter(({ act }) => act === "link.reset")
        .map(({ partition, actor, note, digest }) => ({ partition, actor, note, digest }));
    const digest = expect.stringMatching(/^sha-256:/);
    expect(await actsOf(world.helix)).toEqual([
      { partition: 0, actor: "operator", note: "By event.", digest },
    ]);
    expect(await actsOf(world.aurora)).toEqual([{ partition: 0, actor: HELIX, note: "By event.", digest }]);
    const [ours, theirs] = [await actsOf(world.helix), await actsOf(world.aurora)];
    expect(ours[0]?.digest).toBe(theirs[0]?.digest);
    const { agreed, partitions } = await reconciled(world);
    expect(partitions.flatMap(({ discrepancies }) => discrepancies)).toEqual([]);
    expect(agreed).toBe(true);
    expect(partitions.map(({ partition, chain = "" }) => `${partition} ${chain.slice(0, 5)}`)).toEqual([
      "0 ",
      "0 reset",
      "1 ",
    ]);
  });

  test("waits for no replay that still writes there, and ends what one has left open", async () => {
    put(0, "a");
    await until(world, () => counts().join() === "1,0");
    await helix.acts.control(AGREEMENT, "pause", "");
    const { replay } = (await helix.acts.replay(AGREEMENT, { from: "earliest" })) as JsonMembers;
    await expect(byEvent()).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(/--stop/),
    });
    const group = `tiermesh.${AGREEMENT}.replay.${String(replay)}`;
    const names = { topic: REPLICA, partitions: 2, group, transactionalId: group, topicConfig: {} };
    const left = await memoryReplicaSink(world.target).open(names, new AbortController().signal);
    await helix.acts.stopReplay(String(replay));
    await byEvent();
    const cursor = { partition: 0, sequence: 0n, metadata: "" };
    const late = left.commit([{ partition: 0, batch: undefined, count: 0, cursor }]);
    await expect(late).rejects.toMatchObject({ code: "LINK_FENCED" });
    await helix.acts.control(AGREEMENT, "resume", "");
    put(0, "b");
    await until(world, () => stored(0).length === 2);
    expect(stored(0)).toEqual(["a", "b"]);
  });

  test("is done, and tells no time, where a record's is one that no calendar has", async () => {
    put(0, "a");
    await until(world, () => counts().join() === "1,0");
    await failOver([1, 0], (record) => ({ ...record, timestamp: 2n ** 62n }));
    const partitions = [{ partition: 0, lastRecord: null }];
    expect(await reset({ to: "latest" })).toMatchObject({ done: false, partitions });
    expect(await byEvent()).toMatchObject({ done: true, partitions });
  });

  test("can be done again, and with cursors that were never lost", async () => {
    put(0, "a", "b");
    await until(world, () => counts().join() === "2,0");
    await byEvent();
    await byEvent();
    put(0, "c");
    await until(world, () => stored(0).length === 3);
    expect(stored(0)).toEqual(["a", "b", "c"]);
  });

  const without =
    (name: string) =>
    (record: KafkaRecord): KafkaRecord => ({
      ...record,
      headers: record.headers.filter(([header]) => header !== name),
    });
  const having =
    (name: string, text: string) =>
    (record: KafkaRecord): KafkaRecord => ({
      ...record,
      headers: record.headers.map(
        ([header, value]): RecordHeader => [header, header === name ? Buffer.from(text) : value],
      ),
    });
  test.each([
    ["has no place", without("ce_meshplace")],
    ["has a place that somebody else made", having("ce_meshplace", "A".repeat(22))],
    ["names an agreement that is none of theirs", having("ce_meshagreement", "0000")],
    ["names no agreement", without("ce_meshagreement")],
  ])("is refused where the last record %s, and nothing is changed", async (_, change) => {
    put(0, "a");
    put(1, "b");
    await until(world, () => counts().join() === "1,1");
    let records = 0;
    await failOver([1, 1], (record) => {
      records += 1;
      return records === 2 ? change(record) : record;
    });
    await expect(byEvent()).rejects.toMatchObject({
      code: expect.stringMatching(/^LINK_PLACE_REFUSED$/),
    });
    expect(world.target.cursors.size).toBe(0);
    await pass(world, 40_000);
    expect(counts()).toEqual([1, 1]);
  });

  test("is refused where the records that it needs are gone", async () => {
    put(0, "a");
    await until(world, () => counts().join() === "1,0");
    await failOver([1, 0]);
    world.target.log(REPLICA, 0).truncateBelow(world.target.log(REPLICA, 0).end);
    await expect(byEvent()).rejects.toMatchObject({ code: "LINK_PLACE_REFUSED" });
  });

  test("is refused where the publisher's topic is another one than the records came from", async () => {
    put(0, "a");
    await until(world, () => counts().join() === "1,0");
    world.source.deleteTopic(SOURCE);
    world.source.makeTopic(SOURCE, 2);
    put(0, "other");
    await failOver([1, 0]);
    await expect(byEvent()).rejects.toMatchObject({ code: "LINK_PLACE_REFUSED" });
    await pass(world, 40_000);
    expect(stored(0)).toEqual(["a"]);
  });

  test("that is killed at its commit changes nothing, and may be tried again", async () => {
    put(0, "a", "b");
    await until(world, () => counts().join() === "2,0");
    await failOver([2, 0]);
    await closed(world, helix);
    let isKilled = false;
    const sink = memoryReplicaSink(world.target, (moment) => {
      if (moment === "before" && !isKilled) {
        isKilled = true;
        throw new MeshError("KAFKA_UNAVAILABLE", "Killed at a commit.");
      }
    });
    helix = subscriberOf(world, sink);
    await expect(byEvent()).rejects.toMatchObject({ code: "KAFKA_UNAVAILABLE" });
    expect(world.target.cursors.size).toBe(0);
    await byEvent();
    put(0, "c");
    await until(world, () => stored(0).length === 3);
    expect(stored(0)).toEqual(["a", "b", "c"]);
  });
});

describe("a reset to a place in time", () => {
  test("says first what will be lost or doubled, and does nothing without a yes", async () => {
    put(0, "a", "b");
    await until(world, () => counts().join() === "2,0");
    const told = await reset({ to: "latest" });
    expect(told).toMatchObject({ done: false, meaning: expect.stringContaining("never comes") });
    expect(told.partitions).toEqual([{ partition: 0, lastRecord: expect.stringMatching(/^2026-12-15/) }]);
    put(0, "c");
    await until(world, () => stored(0).length === 3);
    expect((await world.helix.acts()).map(({ act }) => act)).not.toContain("link.reset");
  });

  test("to the latest leaves out what came meanwhile", async () => {
    put(0, "a");
    await until(world, () => counts().join() === "1,0");
    await failOver([1, 0]);
    put(0, "lost");
    expect(await reset({ to: "latest", yes: true })).toMatchObject({ done: true });
    await until(world, () => helix.link.state.phase === "running");
    put(0, "b");
    await until(world, () => stored(0).length === 2);
    expect(stored(0)).toEqual(["a", "b"]);
    expect((await reconciled(world)).agreed).toBe(true);
  });

  test("to the earliest brings everything again", async () => {
    put(0, "a", "b");
    await until(world, () => counts().join() === "2,0");
    await reset({ to: "earliest", yes: true });
    await until(world, () => stored(0).length === 4);
    expect(stored(0)).toEqual(["a", "b", "a", "b"]);
    expect((await reconciled(world)).agreed).toBe(true);
  });

  test("is the way on after the source topic was made again", async () => {
    put(0, "a");
    await until(world, () => counts().join() === "1,0");
    world.source.deleteTopic(SOURCE);
    world.source.makeTopic(SOURCE, 2);
    put(0, "b");
    await until(world, () => helix.link.state.code === "SOURCE_RECREATED");
    await reset({ to: "earliest", yes: true });
    await until(world, () => stored(0).length === 2);
    expect(stored(0)).toEqual(["a", "b"]);
  });

  test.each<[string, JsonMembers]>([
    ["nothing", {}],
    ["both", { by: "event", to: "latest" }],
    ["what is no way", { by: "hand" }],
    ["what is no time", { to: "yesterday", yes: true }],
  ])("is refused for %s", async (_, wish) => {
    await expect(reset(wish)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  });
});
