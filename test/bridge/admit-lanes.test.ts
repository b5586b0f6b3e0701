import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AdmitLanes } from "../../src/bridge/admit-lanes.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { kernelAdmit } from "../../src/mesh/kernel-admit.ts";
import { kernelModule } from "../../src/mesh/kernel-module.ts";
import type { Route } from "../../src/mesh/route.ts";
import { AGREEMENT } from "../mesh/two-companies.ts";
import { demand, denied, type Gateways, twoGateways } from "./two-gateways.ts";

const LANE = new URL("../../src/lane.ts", import.meta.url);
const here = kernelAdmit(recordCodec, kernelModule());
let world: Gateways;
let lanes: AdmitLanes;
let threads: Worker[];

beforeEach(async () => {
  world = await twoGateways(1);
  threads = [];
  lanes = new AdmitLanes(2, () => {
    const thread = new Worker(LANE, { workerData: world.aurora.keys.laneSecrets });
    threads.push(thread);
    return thread;
  });
});
afterEach(async () => await lanes.close());

function route(changes: Partial<Route["plan"]> = {}): Route {
  const current = world.publications.current(AGREEMENT);
  if ("withheld" in current) throw new Error(current.why);
  return { ...current.route, plan: { ...current.route.plan, ...changes }, topicId: "ab".repeat(16) };
}

const position = (partition: number, offset: number) => ({
  partition,
  offset: BigInt(offset),
  leaderEpoch: 0,
});
function run(partition: number, ...batches: readonly OutboundRecord[][]): SourceBatch {
  const bytes = batches.map((records) => recordCodec.encode(records));
  return { from: position(partition, 0), next: position(partition, 9), batches: bytes, end: 9n };
}

describe("a lane decides", () => {
  test("exactly as the gateway's own thread does, whatever the partition", async () => {
    const now = world.clock.now();
    for (const partition of [0, 1, 2]) {
      const batch = run(partition, [demand("a"), denied("b")], [demand("c")]);
      const expected = here(batch, route(), 7, now);
      expect(expected.count).toBeGreaterThan(0);
      expect(await lanes.admit(batch, route(), 7, now)).toEqual({
        ...expected,
        body: new Uint8Array(expected.body ?? []),
      });
    }
    expect(threads).toHaveLength(2);
  });

  test("by the plan that it is given, also when that changes", async () => {
    const now = world.clock.now();
    const batch = run(0, [demand("a")]);
    const closed = route({ validity: { from: 0, until: 1 } });
    const counts = [
      await lanes.admit(batch, route(), 0, now),
      await lanes.admit(batch, closed, 0, now),
      await lanes.admit(batch, route(), 0, now),
    ].map(({ count }) => count);
    expect(counts).toEqual([1, 0, 1]);
  });

  test("and leaves the batches that it was given as they were", async () => {
    const batch = run(0, [demand("a")]);
    await lanes.admit(batch, route(), 0, world.clock.now());
    expect(recordCodec.decode(batch.batches[0] ?? new Uint8Array(), 0n, 1e6)).toHaveLength(1);
  });
});

describe("a lane that fails", () => {
  test("tells our own errors by their codes", async () => {
    const broken = recordCodec.encode([demand("a")]).slice();
    broken[70] = (broken[70] ?? 0) ^ 0xff;
    const batch = { ...run(0), batches: [broken] };
    const deciding = lanes.admit(batch, route(), 0, world.clock.now());
    await expect(deciding).rejects.toSatisfy(
      (error) => error instanceof MeshError && error.code.startsWith("SOURCE_"),
    );
  });

  test("by dying decides nothing, and the next call starts another", async () => {
    const now = world.clock.now();
    const batch = run(0, [demand("a")]);
    await lanes.admit(batch, route(), 0, now);
    const [thread] = threads;
    const waiting = lanes.admit(batch, route(), 0, now);
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: "INTERNAL" }), thread?.terminate()]);
    expect((await lanes.admit(batch, route(), 0, now)).count).toBe(1);
    expect(threads).toHaveLength(2);
  });
});
