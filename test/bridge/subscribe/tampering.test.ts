import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { subscribe } from "../../../src/bridge/subscribe/subscriber.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { HELIX } from "../../mesh/two-companies.ts";
import { MemoryCluster } from "../../support/memory-cluster.ts";
import { memoryPartner, type Wire } from "../../support/memory-partner.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { eachFrame, lengthOf } from "../../support/wire-frames.ts";
import {
  demand,
  type Gateways,
  NOBODY,
  namesIn,
  REPLICA,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

const NAMES = ["a", "b", "c", "d", "e"];
let world: Gateways;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(1, {}, 1);
  for (const name of NAMES) world.source.append(SOURCE, 0, [demand(name)]);
});
afterEach(() => vi.useRealTimers());

/** Runs a link over that wire until it fails, or until everything is there; what stands in the replica then. */
async function over(wire: Wire, target = new MemoryCluster()) {
  const { helix, clock, rows, subscription } = world;
  const client = memoryPartner(rows, HELIX, wire);
  const { decisions, emit } = helix;
  const ports = { client, sink: memoryReplicaSink(target), codec: recordCodec, decisions, clock, emit };
  const stop = new AbortController();
  let code: string | undefined;
  const linking = subscribe(subscription, ports, stop.signal, NOBODY).catch(
    (error: { readonly code: string }) => {
      code = error.code;
    },
  );
  const stored = () => (target.topics.has(REPLICA) ? namesIn(target, REPLICA, 0) : []);
  await until(world, () => code !== undefined || stored().length >= NAMES.length);
  const failure = code;
  stop.abort();
  await linking;
  return { code: failure, stored: stored(), target };
}

type Change = (frame: Uint8Array, next: Uint8Array) => readonly Uint8Array[];

/** Changes one frame, and may send others for it and the one after it; 0 is the empty first one. */
function atFrame(place: number, change: Change): Wire {
  return async function* (chunks) {
    let at = 0;
    let held: Uint8Array | undefined;
    for await (const frame of eachFrame(chunks)) {
      const chunk = Buffer.concat([lengthOf(frame), frame]);
      if (held !== undefined) yield* change(held, chunk);
      else if (at !== place) yield chunk;
      held = at === place ? chunk : undefined;
      at += 1;
    }
  };
}

describe("whoever sits between the two gateways", () => {
  test.each<[string, Wire]>([
    ["sends a frame twice", atFrame(2, (frame, next) => [frame, frame, next])],
    ["swaps two frames", atFrame(2, (frame, next) => [next, frame])],
    ["leaves a frame out", atFrame(2, (_, next) => [next])],
    ["leaves the first record out", atFrame(1, (_, next) => [next])],
  ])("and %s is found out, and the link goes on from what was right", async (_, wire) => {
    const { code, stored, target } = await over(wire);
    expect(code).toBe("LINK_FRAME_REFUSED");
    expect(NAMES.slice(0, stored.length)).toEqual(stored);
    expect(stored.length).toBeLessThan(NAMES.length);
    expect((await over((chunks) => chunks, target)).stored).toEqual(NAMES);
  });

  test("and changes any bit of the stream gets nothing false stored", async () => {
    for (let flip = 0; flip < 60; flip += 1) {
      // Every byte of the lengths and the start of the header, then ever further into the frame.
      const at = flip < 12 ? flip : flip * 17;
      const wire = atFrame(2, (frame, next) => {
        const changed = Uint8Array.from(frame);
        const place = at % frame.length;
        changed[place] = (changed[place] ?? 0) ^ (1 << (flip % 8));
        return [changed, next];
      });
      const { code, stored } = await over(wire);
      expect(code, `bit ${flip % 8} of byte ${at}`).toMatch(/^(LINK_FRAME_REFUSED|PARTNER_UNREACHABLE)$/);
      expect(NAMES.slice(0, stored.length)).toEqual(stored);
      expect(stored.length).toBeLessThan(3);
    }
  });
});
