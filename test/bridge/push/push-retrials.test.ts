import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { controlLink } from "../../../src/bridge/links/link-control.ts";
import { linkViews } from "../../../src/bridge/links/link-views.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { JsonMembers } from "../../../src/kernel/json.ts";
import type { ReplicaSink } from "../../../src/kernel/ports.ts";
import { AGREEMENT, AURORA, HELIX } from "../../mesh/two-companies.ts";
import { MemoryGroups } from "../../support/memory-groups.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { refusing } from "../../support/refusing.ts";
import { PUSHED, type Pusher, pusherOf, pushingGateways } from "../pushes.ts";
import { demand, type Gateways, namesIn, pass, SOURCE, until } from "../two-gateways.ts";

const PARTITIONS = 3;
const GROUP = `tiermesh.${AGREEMENT}`;

let world: Gateways;
let pusher: Pusher;
/** Partitions whose batches Helix's Kafka refuses, by what name, and how often it did. */
const refused = new Set<number>();
let refusals = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  refused.clear();
  refusals = 0;
});
afterEach(async () => {
  const closing = pusher.supervisor.close();
  await pass(world, 500);
  await closing;
  vi.useRealTimers();
});

const put = (partition: number, ...names: readonly string[]): void =>
  world.source.append(
    SOURCE,
    partition,
    names.map((name) => demand(name)),
  );
const stored = (partition: number) => namesIn(world.target, PUSHED, partition);
const halted = () => pusher.link.halted.map(({ partition }) => partition);
const actsOf = async () =>
  (await world.aurora.acts()).filter(({ act }) => /^link\.(halted|ended)$/.test(act));
const strict = (fault: string): ReplicaSink =>
  memoryReplicaSink(
    world.target,
    refusing(refused, fault, () => {
      refusals += 1;
    }),
  );

/** A push of which every partition has a cursor. */
async function running(fault = "INVALID_RECORD", partitions = PARTITIONS, sinkOf = strict): Promise<void> {
  world = await pushingGateways(partitions);
  pusher = pusherOf(world, sinkOf(fault));
  await until(world, () => world.target.cursors.size === partitions);
}

/** The same, whose partition 1 was refused just now. */
async function halting(fault?: string): Promise<void> {
  await running(fault);
  refused.add(1);
  put(1, "b");
  await until(world, () => halted().length === 1);
}

/** The same without partition 1, with a commit under way that hangs until it is cut off. */
async function hanging(): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  let hangs = false;
  await running("INVALID_RECORD", PARTITIONS, (fault) => ({
    open: async (link, signal) => {
      const writer = await strict(fault).open(link, signal);
      return {
        cursors: writer.cursors,
        empty: writer.empty,
        commit: async (writes) => await (hangs ? promise : writer.commit(writes)),
        close: async () => await writer.close(),
        cut: () => {
          hangs = false;
          reject(new MeshError("KAFKA_UNAVAILABLE", "It was cut off."));
        },
      };
    },
  }));
  refused.add(1);
  put(1, "b");
  await until(world, () => halted().length === 1 && pusher.link.state.phase === "running");
  hangs = true;
  put(0, "a");
  await pass(world, 1_000);
}

const view = (): JsonMembers => {
  const { aurora, served, metrics, clock } = world;
  const { snapshot } = aurora.registry;
  const pushes = [pusher.link];
  const ports = { snapshot, owner: AURORA, links: [], pushes, served, metrics, now: clock.now() };
  return linkViews(ports)[0] as JsonMembers;
};

describe("a partition whose batch the partner's Kafka refuses", () => {
  test("halts alone: the others go on at once, and the link and the log name it with its code", async () => {
    await halting("MESSAGE_TOO_LARGE");
    const before = world.clock.now();
    put(0, "a");
    put(2, "c");
    await until(world, () => stored(0).length + stored(2).length === 2);
    expect(world.clock.now() - before).toBeLessThan(2_000);
    expect([stored(0), stored(1), stored(2)]).toEqual([["a"], [], ["c"]]);
    expect(pusher.link.state).toMatchObject({ phase: "running", failures: 0 });
    expect(view()).toMatchObject({
      state: "pushing",
      halted: [{ partition: 1, code: "TARGET_TOPIC", side: "subscriber" }],
      lastError: { code: "TARGET_TOPIC" },
    });
    const about = { partner: HELIX, agreement: AGREEMENT, partition: 1, code: "TARGET_TOPIC" };
    expect(await actsOf()).toMatchObject([{ act: "link.halted", ...about }]);
  });

  test("halts alone from the very first record on", async () => {
    world = await pushingGateways(PARTITIONS);
    // The one that is read first, in one breath with the places of all.
    refused.add(0);
    for (const [partition, name] of ["a", "b", "c"].entries()) put(partition, name);
    pusher = pusherOf(world, strict("INVALID_RECORD"));
    await until(world, () => world.target.topics.has(PUSHED));
    await until(world, () => stored(1).length + stored(2).length === 2);
    expect([stored(0), stored(1), stored(2)]).toEqual([[], ["b"], ["c"]]);
    expect(halted()).toEqual([0]);
  });

  test("is tried again by itself, and then has every record once, in order", async () => {
    await halting();
    put(1, "b2");
    const before = world.clock.now();
    await until(world, () => refusals === 2);
    expect(world.clock.now() - before).toBeGreaterThan(8_000);
    put(0, "a");
    await until(world, () => stored(0).length === 1);
    refused.clear();
    await until(world, () => stored(1).length === 2);
    expect(world.clock.now() - before).toBeLessThan(40_000);
    expect(stored(1)).toEqual(["b", "b2"]);
    await pass(world, 11_000);
    expect(halted()).toEqual([]);
    expect((await actsOf()).map(({ act }) => act)).toEqual(["link.halted", "link.halted"]);
  });

  test("that a person must mend is tried again at once when the operator resumes the link", async () => {
    await halting("MESSAGE_TOO_LARGE");
    refused.clear();
    await pass(world, 60_000);
    expect(stored(1)).toEqual([]);
    const before = world.clock.now();
    await controlLink(AGREEMENT, "resume", "The topic takes it now.", world.aurora);
    await until(world, () => stored(1).length === 1);
    expect(world.clock.now() - before).toBeLessThan(2_000);
  });

  test("ends the push as any failure does where no other partition is left", async () => {
    await running("INVALID_RECORD", 2);
    refused.add(0).add(1);
    put(0, "a");
    put(1, "b");
    await until(world, () => pusher.link.state.failures > 2);
    expect(pusher.link.state.code).toBe("KAFKA_REFUSED");
    refused.clear();
    await until(world, () => stored(0).length + stored(1).length === 2);
  });

  test("is tried again also where a commit of another one hangs, which is no failure", async () => {
    await hanging();
    refused.clear();
    await controlLink(AGREEMENT, "resume", "", world.aurora);
    await until(world, () => stored(0).length + stored(1).length === 2);
    expect(pusher.link.state).toMatchObject({ phase: "running", failures: 0 });
    expect((await actsOf()).map(({ act }) => act)).toEqual(["link.halted"]);
  });

  test("leaves the end of its agreement in the log where that comes while it is about to be tried again", async () => {
    await hanging();
    await controlLink(AGREEMENT, "resume", "", world.aurora);
    await world.aurora.agreements.act(AGREEMENT, "revoke", "Over.");
    await until(world, () => pusher.link.state.code === "revoked");
    expect((await actsOf()).at(-1)).toMatchObject({ act: "link.ended", code: "AGREEMENT_NOT_IN_FORCE" });
  });

  test("does not make the processes of the gateway share the stream anew", async () => {
    world = await pushingGateways(4);
    const groups = new MemoryGroups(world.target, world.clock);
    pusher = pusherOf(world, strict("INVALID_RECORD"), { groups, processes: 2 });
    const other = pusherOf(world, strict("INVALID_RECORD"), { groups, processes: 2 });
    await until(world, () => groups.shares(GROUP).length === 2 && world.target.cursors.size === 4);
    await until(world, () => [pusher, other].every(({ link }) => link.state.phase === "running"));
    const since = other.link.state.since;
    refused.add(1);
    for (let at = 0; at < 4; at += 1) put(at, "a");
    await until(world, () => halted().length === 1 && stored(0).length === 1);
    await until(world, () => refusals === 2);
    expect([pusher.link.partitions, other.link.partitions]).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(other.link.state.since).toBe(since);
    refused.clear();
    await until(world, () => stored(1).length === 1);
    const closing = other.supervisor.close();
    await pass(world, 500);
    await closing;
  });
});

test("a partition of the source that can't be read is shown at the publisher's side", async () => {
  await running();
  put(0, "broken");
  const broken = world.source.log(SOURCE, 0).stretches.at(-1);
  if (broken !== undefined) broken.isCorrupt = true;
  world.source.wake();
  await until(world, () => halted().length === 1);
  expect(view().halted).toMatchObject([{ partition: 0, code: "SOURCE_CORRUPT", side: "publisher" }]);
});

test("what waits for a quota as policy changes is decided anew and pushed once, and that is no failure", async () => {
  world = await pushingGateways(1, { changes: { quota: { recordsPerSecond: 10 } } });
  pusher = pusherOf(world);
  await until(world, () => pusher.link.state.phase === "running");
  const first = Array.from({ length: 30 }, (_, at) => `a${at}`);
  put(0, ...first);
  await until(world, () => stored(0).length === 30);
  put(0, "b");
  await pass(world, 500);
  const before = (await world.aurora.frames()).map(({ plan }) => plan);
  const text = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: tried, version: 1.0.0}
spec: {direction: outbound, mode: enforced, modules: [{use: limits}]}
`;
  await world.aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": text } });
  await until(world, () => stored(0).length === 31);
  expect(stored(0)).toEqual([...first, "b"]);
  expect(before).not.toContain((await world.aurora.frames()).at(-1)?.plan);
  expect(await actsOf()).toMatchObject([{ act: "link.ended", code: "STREAM_CHANGED" }]);
  expect(pusher.link.state).toMatchObject({ phase: "running", failures: 0 });
});
