import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { subscribe } from "../../../src/bridge/subscribe/subscriber.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import type { ReplicaSink, ReplicaWrite, TransactionalWriter } from "../../../src/kernel/ports.ts";
import { HELIX } from "../../mesh/two-companies.ts";
import { memoryPartner, type Wire } from "../../support/memory-partner.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import {
  demand,
  type Gateways,
  NOBODY,
  namesIn,
  pass,
  REPLICA,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

let world: Gateways;
let stop: AbortController;
/** Set back by so much, ms. */
let backMs: number;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(1, {}, 1);
  stop = new AbortController();
  backMs = 0;
});
afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

const inHalves: Wire = async function* (chunks) {
  for await (const chunk of chunks) {
    const half = Math.floor(chunk.length / 2);
    yield chunk.subarray(0, half);
    yield chunk.subarray(half);
  }
};

/** A sink that takes its time, and tells of each transaction before and after. */
function slow(told: (moment: "before" | "after", writes: readonly ReplicaWrite[]) => void) {
  const sink = memoryReplicaSink(world.target);
  const open = async (...given: Parameters<typeof sink.open>): Promise<TransactionalWriter> => {
    const writer = await sink.open(...given);
    const commitAfter: TransactionalWriter["commitAfter"] = async (durable, writes) => {
      await world.clock.sleep(500);
      told("before", writes);
      await writer.commitAfter(durable, writes);
      void world.clock.sleep(500).then(() => told("after", writes));
    };
    const commit = async (writes: readonly ReplicaWrite[]) => await writer.commit(writes);
    const close = async (): Promise<void> => await writer.close();
    return { cursors: writer.cursors, empty: writer.empty, commit, commitAfter, close };
  };
  return { open };
}

function follow(sink: ReplicaSink<TransactionalWriter>): void {
  const { helix, rows, subscription } = world;
  const clock = { now: () => world.clock.now() - backMs, sleep: world.clock.sleep.bind(world.clock) };
  const client = memoryPartner(rows, HELIX, inHalves);
  const { decisions, emit } = helix;
  const ports = { client, sink, codec: recordCodec, decisions, clock, emit };
  subscribe(subscription, ports, stop.signal, NOBODY).catch(() => undefined);
}

test("frames are kept until they are committed, and their memory is given back then", async () => {
  const names = Array.from({ length: 1_000 }, () => randomUUID());
  world.source.append(
    SOURCE,
    0,
    names.map((name) => demand(name)),
  );
  const sizes: (readonly [string, number])[] = [];
  follow(
    slow((moment, writes) => {
      for (const { batch } of writes) if (batch !== undefined) sizes.push([moment, batch.length]);
    }),
  );
  await until(world, () => sizes.length === 2);
  expect(sizes).toEqual([
    ["before", expect.toSatisfy((size: number) => size > Buffer.poolSize)],
    ["after", 0],
  ]);
  expect(namesIn(world.target, REPLICA, 0)).toEqual(names);
});

test("cursors are committed again as they stand after what was committed, and not as the session found them", async () => {
  const sequences: bigint[] = [];
  follow(
    slow((moment, writes) => {
      if (moment === "after") sequences.push(...writes.map(({ cursor }) => cursor.sequence));
    }),
  );
  await until(world, () => sequences.length === 1);
  world.source.append(SOURCE, 0, [demand("a")]);
  await until(world, () => sequences.length === 2);
  backMs = 13 * 3_600_000;
  await pass(world, 5_000);
  expect(sequences).toEqual([0n, 1n, 1n]);
});
