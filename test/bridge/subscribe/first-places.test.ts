import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { subscribe } from "../../../src/bridge/subscribe/subscriber.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { HELIX } from "../../mesh/two-companies.ts";
import { memoryPartner, type Wire } from "../../support/memory-partner.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { eachFrame, lengthOf } from "../../support/wire-frames.ts";
import {
  demand,
  type Gateways,
  NOBODY,
  namesIn,
  pass,
  REPLICA,
  SOURCE,
  twoGateways,
} from "../two-gateways.ts";

let world: Gateways;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(3, { start: "latest" });
});
afterEach(() => vi.useRealTimers());

/** Lets those frames pass, counted from 0, each by itself. */
const only = (passes: (at: number) => boolean): Wire =>
  async function* (chunks) {
    let at = 0;
    for await (const frame of eachFrame(chunks)) {
      if (passes(at)) yield Buffer.concat([lengthOf(frame), frame]);
      at += 1;
    }
  };
const upTo = (frames: number): Wire => only((at) => at < frames);

/** A link over that wire, for three seconds. */
async function linked(wire: Wire): Promise<void> {
  const { helix, clock, rows, subscription, target } = world;
  const client = memoryPartner(rows, HELIX, wire);
  const { decisions, emit } = helix;
  const ports = { client, sink: memoryReplicaSink(target), codec: recordCodec, decisions, clock, emit };
  const stop = new AbortController();
  const linking = subscribe(subscription, ports, stop.signal, NOBODY).catch(() => undefined);
  await pass(world, 3_000);
  stop.abort();
  await linking;
}
const put = (partition: number, name: string): void =>
  world.source.append(SOURCE, partition, [{ ...demand(name), timestamp: BigInt(world.clock.now()) }]);
const stored = () => [0, 1, 2].flatMap((partition) => namesIn(world.target, REPLICA, partition));

test.each([0, 1, 2])(
  "a link that is cut after %i of its first places begins anew as a whole",
  async (count) => {
    put(2, "before the link began");
    await linked(upTo(count));
    expect([...world.target.cursors]).toEqual([]);
    await linked((chunks) => chunks);
    expect(world.target.cursors.size).toBe(3);
    expect(stored()).toEqual([]);
    put(2, "after");
    await linked((chunks) => chunks);
    expect(stored()).toEqual(["after"]);
  },
);

test("a link that is cut after all of its first places has begun", async () => {
  await linked(upTo(3));
  expect(world.target.cursors.size).toBe(3);
  put(1, "meanwhile");
  await linked((chunks) => chunks);
  expect(stored()).toEqual(["meanwhile"]);
});

test("a link waits with nothing for partitions that its publisher does not begin", async () => {
  const linking = linked(only((at) => at !== 1 && at !== 2));
  await pass(world, 1_000);
  put(0, "a");
  await linking;
  expect(stored()).toEqual(["a"]);
});
