import { setImmediate as turn } from "node:timers/promises";
import v8 from "node:v8";
import vm from "node:vm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MeshError } from "../../../src/kernel/error.ts";
import type { ReplicaSink, TopicSource } from "../../../src/kernel/ports.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { PUSHED, type Pusher, pusherOf, pushingGateways } from "../pushes.ts";
import { demand, type Gateways, namesIn, pass, SOURCE, until } from "../two-gateways.ts";

/** Sessions that fail one after the other, for as long as the trouble lasts: none of them may leave anything behind. */
let world: Gateways;
let pusher: Pusher | undefined;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await pushingGateways(1);
});
afterEach(async () => {
  const closing = pusher?.supervisor.close();
  await pass(world, 500);
  await closing;
  vi.useRealTimers();
});

test("a session whose decisions can't be written down ends its reading of the source", async () => {
  let open = 0;
  const { source: inner } = world.ports;
  const source: TopicSource = {
    ...inner,
    async *read(...given) {
      open += 1;
      try {
        yield* inner.read(...given);
      } finally {
        open -= 1;
      }
    },
  };
  pusher = pusherOf({ ...world, ports: { ...world.ports, source } });
  const { link } = pusher;
  await until(world, () => link.state.phase === "running" && world.target.cursors.size === 1);
  world.aurora.journal.isAway = true;
  world.source.append(SOURCE, 0, [demand("a")]);
  await until(world, () => link.state.failures > 5);
  await pass(world, 500);
  expect(open).toBeLessThanOrEqual(1);
  world.aurora.journal.isAway = false;
  await until(world, () => namesIn(world.target, PUSHED, 0).length === 1);
  expect(open).toBe(1);
});

test("a session whose commit fails lets go of its writer", async () => {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc") as () => void;
  const writers: WeakRef<object>[] = [];
  const inner = memoryReplicaSink(world.target, (moment, writes) => {
    if (moment === "before" && writes.some(({ count }) => count > 0))
      throw new MeshError("KAFKA_UNAVAILABLE", "The cluster is away.");
  });
  const sink: ReplicaSink = {
    open: async (link, signal) => {
      const writer = await inner.open(link, signal);
      const held = {
        cursors: writer.cursors,
        empty: writer.empty,
        commit: async (...given: Parameters<typeof writer.commit>) => await writer.commit(...given),
        close: async () => await writer.close(),
        cut: () => undefined,
      };
      writers.push(new WeakRef(held));
      return held;
    },
  };
  pusher = pusherOf(world, sink);
  world.source.append(SOURCE, 0, [demand("a")]);
  await until(world, () => writers.length >= 12);
  await pass(world, 3_000);
  for (let round = 0; round < 10; round += 1) {
    gc();
    await turn();
  }
  expect(writers.filter((writer) => writer.deref() !== undefined).length).toBeLessThan(4);
});
