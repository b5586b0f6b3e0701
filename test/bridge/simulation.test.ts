import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frameSummaries } from "../../src/audit/frame-summary.ts";
import { reconcile } from "../../src/audit/reconcile.ts";
import { linkEndpoints } from "../../src/bridge/link-endpoints.ts";
import { subscribe } from "../../src/bridge/subscriber.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import type { Decision } from "../../src/kernel/decision.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { DecisionLog, ReplicaSink } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { AGREEMENT, HELIX } from "../mesh/two-companies.ts";
import { MemoryCluster } from "../support/memory-cluster.ts";
import { memoryPartner, type Wire } from "../support/memory-partner.ts";
import { memoryReplicaSink } from "../support/memory-replica-sink.ts";
import { memoryTopicSource } from "../support/memory-topic-source.ts";
import { demand, denied, type Gateways, namesIn, REPLICA, SOURCE, twoGateways } from "./two-gateways.ts";

/** Marsaglia's xorshift32: the same seed, the same schedule. */
function chanceOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

let world: Gateways;
beforeAll(async () => {
  world = await twoGateways(1);
});
let sessions = 0;
let faults = 0;
afterAll(() => {
  // The schedules are worth something only if most sessions die.
  expect(sessions).toBeGreaterThan(SCHEDULES * 2);
  expect(faults).toBeGreaterThan(SCHEDULES * 2);
});
const SCHEDULES = 300;

/** One schedule: two clusters, a link that dies again and again, and at the end what must stand in the replica. */
class Schedule {
  readonly #chance: (below: number) => number;
  readonly #source = new MemoryCluster();
  readonly #target = new MemoryCluster();
  readonly #partitions: number;
  readonly #expected: string[][];
  readonly #logs: Readonly<Record<"publisher" | "subscriber", Decision[]>> = {
    publisher: [],
    subscriber: [],
  };
  readonly #waiting: { readonly partition: number; readonly records: readonly OutboundRecord[] }[] = [];
  /** How many faults may still come: then the link must get through. */
  #left: number;
  #hadTwins = false;

  readonly #through: (sink: ReplicaSink) => ReplicaSink;

  constructor(seed: number, through: (sink: ReplicaSink) => ReplicaSink = (sink) => sink) {
    this.#through = through;
    this.#chance = chanceOf(seed);
    this.#partitions = 1 + this.#chance(3);
    this.#left = 2 + this.#chance(8);
    this.#expected = Array.from({ length: this.#partitions }, () => []);
    this.#source.makeTopic(SOURCE, this.#partitions);
    for (let batch = 0; batch < 6; batch += 1) this.#plan(batch);
    for (let now = this.#chance(4); now > 0; now -= 1) this.#produce();
  }

  async run(): Promise<void> {
    while (!this.#isComplete()) {
      // At times a second process takes the link over while the first still runs.
      const isTaken = this.#chance(5) === 0;
      this.#hadTwins ||= isTaken;
      await Promise.all(isTaken ? [this.#session(), this.#session()] : [this.#session()]);
    }
    for (let partition = 0; partition < this.#partitions; partition += 1)
      expect(namesIn(this.#target, REPLICA, partition)).toEqual(this.#expected[partition]);
    const { publisher, subscriber } = this.#logs;
    const told = reconcile(
      AGREEMENT,
      frameSummaries(publisher, AGREEMENT, "publisher"),
      frameSummaries(subscriber, AGREEMENT, "subscriber"),
    );
    const faulty = told.partitions.flatMap(({ discrepancies }) => discrepancies.map(({ name }) => name));
    // A twin that was fenced has written down what it then could not commit: two writers, and told as such.
    expect(faulty.filter((name) => name !== "fork" || !this.#hadTwins)).toEqual([]);
  }

  #plan(batch: number): void {
    const partition = this.#chance(this.#partitions);
    const records = Array.from({ length: 1 + this.#chance(3) }, (_, at) => {
      const name = `${partition}-${batch}-${at}`;
      if (this.#chance(4) === 0) return denied(name);
      this.#expected[partition]?.push(name);
      return demand(name);
    });
    this.#waiting.push({ partition, records });
  }

  #produce(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#source.append(SOURCE, next.partition, next.records);
  }

  #isComplete(): boolean {
    if (this.#waiting.length > 0) return false;
    return this.#expected.every(
      (names, partition) =>
        names.length === 0 ||
        (this.#target.topics.has(REPLICA) &&
          namesIn(this.#target, REPLICA, partition).length >= names.length),
    );
  }

  /** Whether something breaks at this place, now. */
  #breaks(oneIn: number): boolean {
    if (this.#left === 0 || this.#chance(oneIn) > 0) return false;
    this.#left -= 1;
    faults += 1;
    return true;
  }

  /** The link from its connection to its death, or to the end of what there is to do. */
  async #session(): Promise<void> {
    sessions += 1;
    const stop = new AbortController();
    const client = memoryPartner(this.#rows(), HELIX, this.#wire());
    const honest = memoryReplicaSink(this.#target, () => {
      if (this.#breaks(6)) throw new MeshError("KAFKA_UNAVAILABLE", "Killed at a commit.");
    });
    const sink = this.#through(honest);
    const decisions = this.#log("subscriber");
    const { clock, helix } = world;
    const ports = { client, sink, codec: recordCodec, decisions, clock, emit: helix.emit };
    const subscription = { ...world.subscription, partitions: this.#partitions };
    const linking = subscribe(subscription, ports, stop.signal, () => undefined).catch(() => undefined);
    const ended = linking.then(() => true);
    // Records keep coming meanwhile; whoever gets nothing more to do is told to stop, as a process is.
    for (let over = false; !over; ) {
      const { changed } = this.#target;
      const next = this.#waiting.length > 0 ? setImmediate() : changed;
      over = this.#isComplete() || (await Promise.race([ended, next.then(() => false)]));
      if (this.#chance(3) === 0) this.#produce();
    }
    stop.abort();
    await linking;
  }

  #rows() {
    const { registry } = world.aurora;
    const source = memoryTopicSource(this.#source, 1 + this.#chance(3));
    const decisions = this.#log("publisher");
    const { publications, served, ports } = world;
    return linkEndpoints({ ...ports, source, decisions, registry, publications, served });
  }

  /** A log that fails before or after it has stored a decision. */
  #log(side: "publisher" | "subscriber"): DecisionLog {
    return {
      append: async (decisions) => {
        await Promise.resolve();
        if (this.#breaks(12)) throw new MeshError("AUDIT_UNAVAILABLE", "Killed before a decision.");
        this.#logs[side].push(...decisions);
        if (this.#breaks(12)) throw new MeshError("AUDIT_UNAVAILABLE", "Killed after a decision.");
      },
    };
  }

  /** Bytes that arrive in pieces, and a connection that breaks inside any of them. */
  #wire(): Wire {
    const cut = (chunk: Uint8Array): number => 1 + this.#chance(chunk.length);
    const breaks = (): boolean => this.#breaks(12);
    return async function* (chunks) {
      for await (const chunk of chunks) {
        const at = cut(chunk);
        yield chunk.subarray(0, at);
        if (breaks()) throw new MeshError("PARTNER_UNREACHABLE", "The connection broke.");
        yield chunk.subarray(at);
      }
    };
  }
}

describe("a link that is killed at any moment loses nothing, doubles nothing and keeps the order", () => {
  const seeds = Array.from({ length: SCHEDULES }, (_, at) => at + 1);
  test.each([0, 1, 2].map((third) => seeds.filter((seed) => seed % 3 === third)))(
    "in schedules %i, %i, %i, …",
    async (...some) => {
      for (const seed of some)
        await new Schedule(seed).run().catch((error: unknown) => {
          throw new Error(`Schedule ${seed} failed.`, { cause: error });
        });
    },
  );
});

/** Keeps no cursors. */
const forgetful = (sink: ReplicaSink): ReplicaSink => ({
  open: async (link, signal) => {
    const writer = await sink.open(link, signal);
    const commit: typeof writer.commit = async (writes) => await writer.commit(writes);
    return { cursors: new Map(), empty: new Set([0, 1, 2]), commit, close: async () => await writer.close() };
  },
});

test("a sink that forgets its cursors would be found out", async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, async (_, seed) => await new Schedule(seed + 1, forgetful).run()),
  );
  expect(outcomes.filter(({ status }) => status === "rejected").length).toBeGreaterThan(5);
});
