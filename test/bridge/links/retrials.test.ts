import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Retrials } from "../../../src/bridge/links/retrials.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { ReplicaSink, TransactionalWriter } from "../../../src/kernel/ports.ts";
import { AGREEMENT, AURORA } from "../../mesh/two-companies.ts";
import { MemoryGroups } from "../../support/memory-groups.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { refusing } from "../../support/refusing.ts";
import { closed, type Subscriber, subscriberOf } from "../links.ts";
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

const PARTITIONS = 3;

let world: Gateways;
let helix: Subscriber;
/** Partitions whose batches Helix's Kafka refuses, and when it did. */
const refused = new Set<number>();
let refusals: number[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  refused.clear();
  refusals = [];
});
afterEach(async () => {
  await closed(world, helix);
  vi.useRealTimers();
});

const sinkOf = ({ target, clock }: Gateways): ReplicaSink<TransactionalWriter> =>
  memoryReplicaSink(
    target,
    refusing(refused, "MESSAGE_TOO_LARGE", () => refusals.push(clock.now())),
  );
const put = (partition: number, ...names: readonly string[]): void =>
  world.source.append(
    SOURCE,
    partition,
    names.map((name) => demand(name)),
  );
const stored = (partition: number, topic = REPLICA) =>
  world.target.topics.has(topic) ? namesIn(world.target, topic, partition) : [];
const halted = () => helix.link.halted.map(({ partition }) => partition);
const haltsIn = async () => (await world.helix.acts()).filter(({ act }) => act === "link.halted");

/** A link of which every partition has a cursor. */
async function running(partitions = PARTITIONS): Promise<void> {
  world = await twoGateways(partitions);
  helix = subscriberOf(world, sinkOf(world));
  await until(world, () => world.target.cursors.size === partitions);
}

/** The same, whose partition 1 was refused just now. */
async function halting(): Promise<void> {
  await running();
  refused.add(1);
  put(1, "b");
  await until(world, () => halted().length === 1);
}

describe("a partition whose batch the own Kafka refuses", () => {
  test("halts alone: the others go on at once, and link and log name it with its code", async () => {
    await halting();
    const before = world.clock.now();
    put(0, "a");
    put(2, "c");
    await until(world, () => stored(0).length + stored(2).length === 2);
    expect(world.clock.now() - before).toBeLessThan(2_000);
    expect([stored(0), stored(1), stored(2)]).toEqual([["a"], [], ["c"]]);
    expect(helix.link.halted).toMatchObject([{ partition: 1, code: "KAFKA_REFUSED", side: "subscriber" }]);
    expect(helix.link.state).toMatchObject({
      phase: "running",
      code: "",
      failures: 0,
      last: { code: "KAFKA_REFUSED", detail: expect.stringMatching(/MESSAGE_TOO_LARGE .* partition 1/) },
    });
    const about = { partner: AURORA, agreement: AGREEMENT, partition: 1, code: "KAFKA_REFUSED" };
    expect(await haltsIn()).toMatchObject([about]);
    expect(refusals).toHaveLength(1);
  });

  test("halts alone from the very first record on", async () => {
    world = await twoGateways(PARTITIONS);
    refused.add(1);
    for (const [partition, name] of ["a", "b", "c"].entries()) put(partition, name);
    helix = subscriberOf(world, sinkOf(world));
    await until(world, () => stored(0).length + stored(2).length === 2);
    expect([stored(0), stored(1), stored(2)]).toEqual([["a"], [], ["c"]]);
    expect(halted()).toEqual([1]);
    refused.clear();
    await until(world, () => stored(1).length === 1);
  });

  test("is tried again by itself after pauses that grow, and then has every record once, in order", async () => {
    await halting();
    put(1, "b2");
    await until(world, () => refusals.length === 4);
    const pauses = refusals.slice(1).map((at, before) => at - (refusals[before] ?? 0));
    for (const [at, least] of [10_000, 20_000, 40_000].entries()) {
      expect(pauses[at]).toBeGreaterThanOrEqual(least);
      expect(pauses[at]).toBeLessThan(least + 3_000);
    }
    put(0, "a");
    refused.clear();
    put(1, "b3");
    await until(world, () => stored(1).length === 3);
    expect([stored(0), stored(1)]).toEqual([["a"], ["b", "b2", "b3"]]);
    expect(halted()).toEqual([1]);
    await pass(world, 11_000);
    expect(halted()).toEqual([]);
  });

  test("stays in sight for as long as it is not tried", async () => {
    await halting();
    await until(world, () => refusals.length === 3);
    helix.network.isCut = true;
    await pass(world, 3_000);
    helix.network.isCut = false;
    await pass(world, 30_000);
    expect([halted(), refusals.length]).toEqual([[1], 3]);
  });

  test("is tried again at once when its operator resumes the link", async () => {
    await halting();
    refused.clear();
    const before = world.clock.now();
    await helix.acts.control(AGREEMENT, "resume", "Larger batches are allowed.");
    await until(world, () => stored(1).length === 1);
    expect(world.clock.now() - before).toBeLessThan(2_000);
  });

  test("is left out beside another one, and each is tried again in its own time", async () => {
    await halting();
    await pass(world, 5_000);
    refused.add(2);
    put(2, "c");
    await until(world, () => halted().length === 2);
    put(0, "a");
    await until(world, () => stored(0).length === 1);
    refused.clear();
    await until(world, () => stored(1).length === 1);
    expect(stored(2)).toEqual([]);
    await until(world, () => stored(2).length === 1);
  });

  test("ends the link as any failure does where no other partition is left", async () => {
    await running(2);
    refused.add(0).add(1);
    put(0, "a");
    put(1, "b");
    await until(world, () => helix.link.state.phase === "waiting" && helix.link.state.failures > 2);
    expect(helix.link.state.code).toBe("KAFKA_REFUSED");
    await pass(world, 30_000);
    expect(refusals.length).toBeLessThan(60);
    refused.clear();
    await until(world, () => stored(0).length + stored(1).length === 2);
  });

  test("ends the link where it has no other", async () => {
    await running(1);
    refused.add(0);
    put(0, "a");
    await until(world, () => helix.link.state.phase === "waiting");
    expect(helix.link.state.code).toBe("KAFKA_REFUSED");
    expect([halted(), await haltsIn()]).toEqual([[], []]);
  });

  test("does not hide what befalls the others: they wait with it, by the link's back-off", async () => {
    await halting();
    await until(world, () => helix.link.state.phase === "running");
    helix.network.isCut = true;
    put(0, "a");
    await until(world, () => helix.link.state.code === "PARTNER_UNREACHABLE");
    await pass(world, 3_000);
    expect(helix.link.state.failures).toBeGreaterThan(1);
    helix.network.isCut = false;
    await until(world, () => stored(0).length === 1);
  });

  test("leaves the other processes of its gateway alone", async () => {
    world = await twoGateways(4);
    const sharing = { groups: new MemoryGroups(world.target, world.clock), processes: 2 };
    helix = subscriberOf(world, sinkOf(world), sharing);
    const other = subscriberOf(world, sinkOf(world), sharing);
    await until(world, () => helix.link.partitions?.length === 2 && other.link.partitions?.length === 2);
    await until(world, () => [helix, other].every(({ link }) => link.state.phase === "running"));
    const [one] = [helix, other].filter(({ link }) => link.partitions?.includes(1));
    const since = [helix, other].find((each) => each !== one)?.link.state.since;
    refused.add(1);
    for (let at = 0; at < 4; at += 1) put(at, "a");
    await until(world, () => one?.link.halted.length === 1 && stored(0).length + stored(3).length === 2);
    put(0, "b");
    await until(world, () => stored(0).length === 2);
    expect([helix, other].find((each) => each !== one)?.link.state.since).toBe(since);
    refused.clear();
    await until(world, () => stored(1).length === 1);
    await closed(world, other);
  });

  test("keeps a replay from being done, and the live link goes on", async () => {
    world = await twoGateways(2);
    const plain = memoryReplicaSink(world.target);
    const strict = sinkOf(world);
    helix = subscriberOf(world, {
      open: async (link, signal) => await (link.topic === "again" ? strict : plain).open(link, signal),
    });
    put(0, "a");
    put(1, "b");
    await until(world, () => stored(0).length + stored(1).length === 2);
    const status = () => world.helix.registry.snapshot.all("Replay")[0]?.value.status;
    refused.add(1);
    await helix.acts.replay(AGREEMENT, { from: "earliest", into: "again" });
    await until(world, () => stored(0, "again").length === 1);
    await pass(world, 5_000);
    expect([status(), stored(1, "again"), refusals.length]).toEqual(["running", [], 1]);
    expect(await haltsIn()).toMatchObject([{ partition: 1, replay: expect.any(String) }]);
    refused.clear();
    await until(world, () => status() === "done");
    expect([stored(0, "again"), stored(1, "again")]).toEqual([["a"], ["b"]]);
    expect(helix.link.state).toMatchObject({ phase: "running", failures: 0 });
  });
});

test("a link that lacks a cursor is never opened without a partition, which would begin the others at their beginning", async () => {
  world = await twoGateways(2, { start: "latest" });
  put(0, "before the link");
  const plain = memoryReplicaSink(world.target);
  let isStrict = true;
  helix = subscriberOf(world, {
    open: async (link, signal) => {
      const writer = await plain.open(link, signal);
      const commitAfter: typeof writer.commitAfter = async (durable, writes) => {
        if (!isStrict) return await writer.commitAfter(durable, writes);
        refusals.push(world.clock.now());
        const context = { fault: "INVALID_RECORD", refusedPartition: 1 };
        throw new MeshError("KAFKA_REFUSED", "A batch was refused.", { context });
      };
      return {
        cursors: writer.cursors,
        empty: writer.empty,
        commit: async (writes) => await commitAfter(Promise.resolve(), writes),
        commitAfter,
        close: async () => await writer.close(),
      };
    },
  });
  await until(world, () => helix.link.state.phase === "waiting");
  expect(helix.link.state.code).toBe("KAFKA_REFUSED");
  await pass(world, 8_000);
  // By the link's own back-off, and not again and again at once.
  expect(refusals.length).toBeLessThan(60);
  isStrict = false;
  await until(world, () => world.target.cursors.size === 2);
  put(0, "a");
  await until(world, () => stored(0).length > 0);
  expect(stored(0)).toEqual(["a"]);
});

test("a partition is not left out before its halt is written down", async () => {
  await running();
  const appended: number[] = [];
  const ports = { clock: world.clock, decisions: { append: async () => void appended.push(1) } };
  const error = new MeshError("KAFKA_REFUSED", "It is too large.", { context: { refusedPartition: 1 } });
  const away = new MeshError("AUDIT_UNAVAILABLE", "The log is away.");
  const source = new MeshError("SOURCE_TRUNCATED", "It was cut back.", { context: { partition: 1 } });
  const retrials = new Retrials({ ...ports, decisions: { append: () => Promise.reject(away) } });
  await expect(retrials.goesOn(error, [0, 1], {})).rejects.toBe(away);
  expect(retrials.all).toEqual([]);
  expect(await new Retrials(ports).goesOn(error, [0, 1], {})).toBe(true);
  for (const other of [away, source]) expect(await new Retrials(ports).goesOn(other, [0, 1], {})).toBe(false);
  expect(appended).toHaveLength(1);
});
