import assert from "node:assert/strict";
import type { Worker } from "node:worker_threads";
import type { RecordCodec, SourceBatch } from "../../kernel/ports.ts";
import type { Admit } from "../../mesh/admit.ts";
import { type AdmittedPart, admitParts } from "../../mesh/admit-parts.ts";
import type { Route } from "../../mesh/route.ts";
import { bodyOf } from "../frames/frame.ts";
import { type OpenLater, soundFrame } from "../frames/sound-frame.ts";
import { Lane } from "./lane.ts";
import type { LaneWorks } from "./work.ts";

/** `admitParts`, but later and elsewhere. */
export type AdmitLater = (...given: Parameters<Admit>) => Promise<readonly AdmittedPart[]>;

/**
 * Threads that work beside the one that reads and sends: they decide on what leaves and check what comes. Each has a kernel
 * and a memory of its own, and starts when it is first needed.
 */
export class Lanes {
  readonly #lanes: readonly Lane[];
  #turn = 0;

  /** `start` makes a thread that runs `serveLane`. */
  constructor(count: number, start: () => Worker) {
    assert(count > 0, "There is a lane at least.");
    this.#lanes = Array.from({ length: count }, () => new Lane(start));
  }

  /**
   * A partition of an agreement is always the same lane's. Rejects with what `Admit` throws, and with INTERNAL when the thread
   * has died.
   */
  readonly admit: AdmitLater = async ({ from, next, end, batches }, route, sequence, now) => {
    const { agreement, owner, topicId } = route;
    const about = { route: { agreement, owner, topicId }, run: { from, next, end }, sequence, now };
    return await this.#lane(numberOf(agreement) + from.partition).ask("admit", about, route.plan, batches);
  };

  /** Frames go round among the lanes. Rejects with LINK_FRAME_REFUSED, and with INTERNAL when the thread has died. */
  readonly open: OpenLater = async (bytes, keys) => {
    this.#turn += 1;
    const opened = await this.#lane(this.#turn).ask("open", {}, keys, [bytes]);
    return { ...opened, body: bodyOf(bytes) };
  };

  /** Starts all threads, so that the first who asks need not wait. */
  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #lane(number: number): Lane {
    const lane = this.#lanes[number % this.#lanes.length];
    assert(lane !== undefined, "The number goes round among the lanes.");
    return lane;
  }
}

/** Neighbouring partitions go to different lanes. */
function numberOf(agreement: string): number {
  let sum = 0;
  for (let at = 0; at < agreement.length; at += 1) sum += agreement.charCodeAt(at);
  return sum;
}

/** What the threads do. `keys`: what a route needs besides what is sent. */
export const laneWorks = (
  admit: Admit,
  keys: Pick<Route, "fields" | "opaque">,
  codec: Pick<RecordCodec, "check">,
): LaneWorks => ({
  admit: ({ route, run, sequence, now }, plan, batches) => {
    const batch: SourceBatch = { ...run, batches };
    const parts = admitParts(admit, batch, { ...route, plan, ...keys }, sequence, now);
    const bodies = parts.map(({ admitted: { body } }) => body && owned(body));
    const answer = parts.map(({ next, admitted }, at) => ({
      next,
      admitted: { ...admitted, body: bodies[at] },
    }));
    return { answer, moved: bodies.flatMap((body) => body?.buffer ?? []) };
  },
  open: (_, keys, [bytes]) => {
    assert(bytes !== undefined, "A frame is one piece.");
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const { body: _body, ...opened } = soundFrame(view, keys, codec);
    return { answer: opened };
  },
});

/** In memory of its own, which can be handed over. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const { buffer, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
};
