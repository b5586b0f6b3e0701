import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MeshError } from "../../../src/kernel/error.ts";
import type { ReplicaSink } from "../../../src/kernel/ports.ts";
import { AGREEMENT, HELIX, partnerFiles, ringsOfBoth } from "../../mesh/two-companies.ts";
import { memoryPartner } from "../../support/memory-partner.ts";
import { type CommitFault, memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { helixKafka, PUSHED, type Pusher, pusherOf, pushingGateways } from "../pushes.ts";
import { demand, denied, type Gateways, namesIn, pass, SOURCE, until } from "../two-gateways.ts";

let world: Gateways;
let pusher: Pusher | undefined;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await pushingGateways(1);
});
afterEach(async () => {
  await close();
  vi.useRealTimers();
});

async function close(): Promise<void> {
  const closing = pusher?.supervisor.close();
  pusher = undefined;
  await pass(world, 500);
  await closing;
}

const put = (...names: readonly string[]): void =>
  world.source.append(
    SOURCE,
    0,
    names.map((name) => demand(name)),
  );
const stored = (partition = 0) =>
  world.target.topics.has(PUSHED) ? namesIn(world.target, PUSHED, partition) : [];
const state = () => pusher?.link.state;
const ofState = (phase: string, code: string) => () => state()?.phase === phase && state()?.code === code;
const endsOf = async () =>
  (await world.aurora.acts()).filter(({ act }) => act === "link.ended").map(({ code }) => code);
const cursors = () => [...world.target.cursors.values()].map(({ sequence }) => sequence);

async function running(sink?: ReplicaSink): Promise<void> {
  pusher = pusherOf(world, sink);
  await until(world, () => state()?.phase === "running");
}

/** Commits of cursors alone. */
let kept = 0;
const counting: CommitFault = (moment, writes) => {
  if (moment === "after" && writes.every(({ count }) => count === 0)) kept += 1;
};

describe("a push", () => {
  test("writes what is permitted into the partner's topic, in order", async () => {
    await running();
    put("a", "b");
    world.source.append(SOURCE, 0, [denied("not this")]);
    put("c");
    await until(world, () => stored().length === 3);
    expect(stored()).toEqual(["a", "b", "c"]);
    expect(pusher?.link.guarantee).toBe("exactly-once");
    expect((await world.aurora.frames()).every(({ side }) => side === "publisher")).toBe(true);
  });

  test("makes the topic with the contract's retention", async () => {
    await running();
    const { config } = world.target.topic(PUSHED);
    expect(Number(config["retention.ms"])).toBeGreaterThanOrEqual(90 * 24 * 3_600_000);
  });

  test("lets nothing leave whose decision can't be written, and goes on when it can", async () => {
    await running();
    await until(world, () => cursors().length === 1);
    world.aurora.journal.isAway = true;
    put("a");
    await until(world, ofState("waiting", "AUDIT_UNAVAILABLE"));
    expect([stored(), cursors()]).toEqual([[], [0n]]);
    world.aurora.journal.isAway = false;
    await until(world, () => stored().length === 1);
  });

  test("goes on where it was after the process has gone", async () => {
    await running();
    put("a", "b");
    await until(world, () => stored().length === 2);
    await close();
    put("c");
    await running();
    await until(world, () => stored().length === 3);
    expect([stored(), cursors()]).toEqual([["a", "b", "c"], [3n]]);
  });

  test.each(["before", "after"] as const)(
    "loses and doubles nothing when the partner's Kafka fails %s a commit",
    async (failing) => {
      let failures = 0;
      const fault: CommitFault = (moment, writes) => {
        if (moment !== failing || failures > 2 || writes.every(({ count }) => count === 0)) return;
        failures += 1;
        throw new MeshError("KAFKA_UNAVAILABLE", "The cluster is away.");
      };
      await running(memoryReplicaSink(world.target, fault));
      put("a", "b");
      put("c");
      await until(world, () => stored().length === 3 && state()?.phase === "running");
      expect(stored()).toEqual(["a", "b", "c"]);
      expect(failures).toBeGreaterThan(0);
      await vi.waitFor(async () => expect(await endsOf()).toContain("TARGET_UNAVAILABLE"));
    },
  );

  test("sees that its last commit failed although nothing more comes", async () => {
    let isAway = true;
    const fault: CommitFault = (moment, writes) => {
      if (isAway && moment === "before" && writes.some(({ count }) => count > 0))
        throw new MeshError("KAFKA_UNAVAILABLE", "The cluster is away.");
    };
    await running(memoryReplicaSink(world.target, fault));
    put("a");
    await until(world, ofState("waiting", "TARGET_UNAVAILABLE"));
    isAway = false;
    await until(world, () => stored().length === 1);
  });

  test("ends with its agreement, and both the state and the log say so", async () => {
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    await world.aurora.agreements.act(AGREEMENT, "revoke", "over");
    put("b");
    await pass(world, 60_000);
    expect([stored(), state()?.phase, state()?.code]).toEqual([["a"], "stopped", "revoked"]);
    expect(await endsOf()).toEqual(["AGREEMENT_NOT_IN_FORCE"]);
  });

  test("commits nothing that was decided before a revocation and not written yet", async () => {
    await running();
    await until(world, () => cursors().length === 1);
    const fault: CommitFault = (moment) => {
      if (moment === "before") throw new Error("Nothing is committed.");
    };
    await close();
    await running(memoryReplicaSink(world.target, fault));
    const revoking = world.aurora.agreements.act(AGREEMENT, "revoke", "over");
    put("a");
    await revoking;
    await pass(world, 10_000);
    expect([stored(), state()?.code]).toEqual([[], "revoked"]);
  });

  test("is cut off when the partner's Kafka hangs as its agreement ends", async () => {
    const inner = memoryReplicaSink(world.target);
    const hung = Promise.withResolvers<void>();
    let hangs = false;
    const sink: ReplicaSink = {
      open: async (link, signal) => {
        const writer = await inner.open(link, signal);
        return {
          cursors: writer.cursors,
          empty: writer.empty,
          commit: async (writes) => await (hangs ? hung.promise : writer.commit(writes)),
          close: async () => await (hangs ? hung.promise.catch(() => undefined) : writer.close()),
          cut: () => hung.reject(new MeshError("KAFKA_UNAVAILABLE", "It was cut off.")),
        };
      },
    };
    await running(sink);
    await until(world, () => cursors().length === 1);
    hangs = true;
    put("a");
    await pass(world, 1_000);
    await world.aurora.agreements.act(AGREEMENT, "revoke", "over");
    await pass(world, 1_000);
    expect([state()?.phase, state()?.code]).toEqual(["stopped", "revoked"]);
  });

  test("rests while its agreement is suspended, and goes on by itself", async () => {
    await running();
    await world.aurora.agreements.act(AGREEMENT, "suspend", "");
    await until(world, ofState("stopped", "suspended"));
    put("a");
    await pass(world, 10_000);
    expect(stored()).toEqual([]);
    await world.aurora.agreements.act(AGREEMENT, "resume", "");
    await until(world, () => stored().length === 1);
    expect(state()?.phase).toBe("running");
  });

  test("keeps its cursors from expiring while it rests, and writes nothing else", async () => {
    await running(memoryReplicaSink(world.target, counting));
    put("a");
    await until(world, () => stored().length === 1);
    await world.aurora.agreements.act(AGREEMENT, "suspend", "");
    await until(world, ofState("stopped", "suspended"));
    put("b");
    const before = kept;
    world.clock.advance(13 * 3_600_000);
    await until(world, () => kept > before);
    await pass(world, 60_000);
    expect([kept - before, stored(), cursors()]).toEqual([1, ["a"], [1n]]);
  });

  test("keeps its cursors from expiring while its source can't be read", async () => {
    await running(memoryReplicaSink(world.target, counting));
    put("a");
    await until(world, () => stored().length === 1);
    world.source.deleteTopic(SOURCE);
    world.source.makeTopic(SOURCE, 1);
    await until(world, ofState("stopped", "SOURCE_RECREATED"));
    const before = kept;
    world.clock.advance(13 * 3_600_000);
    await until(world, () => kept > before);
    await pass(world, 60_000);
    expect([kept - before, cursors()]).toEqual([1, [1n]]);
  });

  test("keeps to the agreement's quota", async () => {
    await close();
    world = await pushingGateways(1, { changes: { quota: { recordsPerSecond: 10 } } });
    await running();
    const began = world.clock.now();
    put(...Array.from({ length: 30 }, (_, at) => `a${at}`));
    await until(world, () => stored().length === 30);
    put("b");
    await until(world, () => stored().length === 31);
    expect(world.clock.now() - began).toBeGreaterThanOrEqual(3_000);
  });

  test("leaves a partition alone that can't be read, and pushes the others", async () => {
    await close();
    world = await pushingGateways(2);
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    world.source.append(SOURCE, 0, [demand("broken")]);
    const broken = world.source.log(SOURCE, 0).stretches.at(-1);
    if (broken !== undefined) broken.isCorrupt = true;
    world.source.wake();
    world.source.append(SOURCE, 1, [demand("b")]);
    await until(world, () => stored(1).length === 1);
    await until(world, () => pusher?.link.halted.length === 1);
    expect(pusher?.link.halted).toMatchObject([{ partition: 0, code: "SOURCE_CORRUPT" }]);
    expect(state()?.phase).toBe("running");
  });

  test("commits its cursors again when nothing else was committed for long", async () => {
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    world.target.cursors.clear();
    world.clock.advance(13 * 3_600_000);
    await until(world, () => cursors().length === 1);
    expect(cursors()).toEqual([1n]);
  });

  test("goes where the partner's file says now, and nowhere once it names no Kafka", async () => {
    const [, ring] = await ringsOfBoth();
    const sink = memoryReplicaSink(world.target);
    let opened = 0;
    await running({
      open: async (...link) => {
        opened += 1;
        return await sink.open(...link);
      },
    });
    put("a");
    await until(world, () => stored().length === 1);
    const kafka = helixKafka({ brokers: ["kafka.helix.example:9094"] });
    await world.aurora.accept(partnerFiles(HELIX, ring, { kafka }));
    await until(world, () => opened === 2);
    put("b");
    await until(world, () => stored().length === 2);
    expect(await endsOf()).toEqual([]);
    await world.aurora.accept(partnerFiles(HELIX, ring));
    put("c");
    await until(world, ofState("stopped", "PUSH_UNSET"));
    await pass(world, 60_000);
    expect([stored(), await endsOf()]).toEqual([["a", "b"], ["PUSH_UNSET"]]);
    await world.aurora.accept(partnerFiles(HELIX, ring, { kafka }));
    await until(world, () => stored().length === 3);
  });

  test("is not served over HTTP besides", async () => {
    const client = memoryPartner(world.rows, HELIX);
    await expect(client.json("GET", `/v1/agreements/${AGREEMENT}/stream`)).rejects.toEqual(
      expect.objectContaining({ context: { code: "AGREEMENT_PUSHED" } }),
    );
  });
});
