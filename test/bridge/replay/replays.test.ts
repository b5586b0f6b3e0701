import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linkActs } from "../../../src/bridge/links/link-acts.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import type { JsonMembers } from "../../../src/kernel/json.ts";
import type { Replay } from "../../../src/mesh/registry/replay.ts";
import { AGREEMENT, HELIX, NOW } from "../../mesh/two-companies.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { closed, type Subscriber, subscriberOf } from "../links.ts";
import { reconciled } from "../reconciled.ts";
import {
  demand,
  denied,
  type Gateways,
  namesIn,
  pass,
  REPLICA,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

let world: Gateways;
let helix: Subscriber;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await begin(await twoGateways(2));
});
afterEach(async () => {
  await closed(world, helix);
  vi.useRealTimers();
});

async function begin(gateways: Gateways): Promise<void> {
  world = gateways;
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
}
const put = (partition: number, ...names: readonly string[]): void =>
  world.source.append(
    SOURCE,
    partition,
    names.map((name) => (name.startsWith("x") ? denied(name) : demand(name))),
  );
const stored = (partition: number, topic = REPLICA) =>
  world.target.topics.has(topic) ? namesIn(world.target, topic, partition) : [];
const replayed = (): Replay | undefined => world.helix.registry.snapshot.all("Replay").at(-1)?.value;
const isDone = () => replayed()?.status === "done";
const ask = async (wish: JsonMembers) => (await helix.acts.replay(AGREEMENT, wish)) as JsonMembers;

describe("a replay", () => {
  test("brings everything up to the end as it was again, behind what is there, while the live link goes on", async () => {
    put(0, "a", "b");
    put(1, "c");
    await until(world, () => stored(0).length + stored(1).length === 3);
    await ask({ from: "earliest" });
    put(0, "d");
    await until(world, isDone);
    await until(world, () => stored(0).length === 5);
    expect(stored(0).toSorted()).toEqual(["a", "a", "b", "b", "d"]);
    expect(stored(1)).toEqual(["c", "c"]);
    expect(helix.link.state.phase).toBe("running");
    expect(helix.supervisor.links).toHaveLength(1);
    await until(world, () => world.served.size === 1);
  });

  test("decides on every record again, by the policy as it is now", async () => {
    put(0, "a");
    put(1, "x1");
    await until(world, () => stored(0).length === 1);
    await ask({ from: "earliest" });
    await until(world, isDone);
    const decisions = await world.aurora.frames();
    const again = decisions.filter(({ replay }) => replay === replayed()?.id);
    expect(again.reduce((sum, { summary }) => sum + (summary?.denied ?? 0), 0)).toBe(1);
  });

  test("of a partition alone, from a time to a time, writes into a topic of its own", async () => {
    const at = (name: string, ms: number) => ({ ...demand(name), timestamp: BigInt(NOW + ms) });
    for (const [name, ms] of [
      ["a", 0],
      ["b", 1_000],
      ["c", 2_000],
      ["d", 3_000],
    ] as const)
      world.source.append(SOURCE, 0, [at(name, ms)]);
    put(1, "z");
    await until(world, () => stored(0).length + stored(1).length === 5);
    const time = (ms: number): string => new Date(NOW + ms).toISOString();
    await ask({ from: time(1_000), to: time(3_000), partition: 0, into: "again" });
    await until(world, isDone);
    expect([stored(0, "again"), stored(1, "again"), stored(0)]).toEqual([
      ["b", "c"],
      [],
      ["a", "b", "c", "d"],
    ]);
    await ask({ from: time(0), partition: 0, into: "again" });
    await until(world, () => isDone() && world.helix.registry.snapshot.all("Replay").length === 2);
    expect(stored(0, "again")).toEqual(["b", "c", "a", "b", "c", "d"]);
  });

  test("goes on after a restart where it was, and begins nothing anew", async () => {
    put(0, "a", "b", "c");
    await until(world, () => stored(0).length === 3);
    await ask({ from: "earliest", into: "again" });
    await closed(world, helix);
    const { id } = replayed() ?? { id: "" };
    expect(world.helix.registry.snapshot.find("Replay", id)?.value.status).toBe("running");
    helix = subscriberOf(world);
    await until(world, isDone);
    expect(stored(0, "again")).toEqual(["a", "b", "c"]);
    await closed(world, helix);
    helix = subscriberOf(world);
    await pass(world, 3_000);
    expect(stored(0, "again")).toEqual(["a", "b", "c"]);
  });

  test("that is killed at any commit loses nothing and doubles nothing", async () => {
    for (let at = 0; at < 12; at += 1) put(at % 2, `${at}`, `x${at}`);
    await until(world, () => stored(0).length + stored(1).length === 12);
    await closed(world, helix);
    let commits = 0;
    helix = subscriberOf(
      world,
      memoryReplicaSink(world.target, (moment) => {
        commits += 1;
        if (commits % 3 === 0 && commits < 30) throw new Error(`Killed ${moment} a commit.`);
      }),
    );
    await until(world, () => helix.link.state.phase === "running");
    for (let tries = 0; replayed() === undefined && tries < 5; tries += 1)
      await ask({ from: "earliest", into: "again" }).catch(() => undefined);
    await until(world, isDone);
    expect(stored(0, "again")).toEqual(stored(0));
    expect(stored(1, "again")).toEqual(stored(1));
    expect(commits).toBeGreaterThan(6);
  });

  test("stops where its cursors were lost, and never begins again by itself", async () => {
    put(0, "a");
    await until(world, () => stored(0).length === 1);
    helix.network.isCut = false;
    await ask({ from: "earliest", into: "again" });
    await closed(world, helix);
    for (const key of world.target.cursors.keys())
      if (key.includes(".replay.")) world.target.cursors.delete(key);
    helix = subscriberOf(world);
    const replay = () => helix.supervisor.links.find((link) => link.replay !== undefined);
    await until(world, () => replay()?.state.code === "LINK_CURSOR_LOST");
    expect(stored(0, "again")).toEqual([]);
  });

  test("is stopped by its operator, and what is there stays", async () => {
    put(0, "a");
    await until(world, () => stored(0).length === 1);
    helix.network.isCut = false;
    await ask({ from: "earliest", into: "again" });
    const { id = "" } = replayed() ?? {};
    await helix.acts.stopReplay(id.slice(0, 8));
    expect(helix.supervisor.links).toHaveLength(1);
    expect(replayed()?.status).toBe("stopped");
    await expect(helix.acts.stopReplay("none")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("rests while the link is paused", async () => {
    put(0, "a");
    await until(world, () => stored(0).length === 1);
    await helix.acts.control(AGREEMENT, "pause", "");
    await ask({ from: "earliest", into: "again" });
    await pass(world, 5_000);
    expect(stored(0, "again")).toEqual([]);
    await helix.acts.control(AGREEMENT, "resume", "");
    await until(world, isDone);
    expect(stored(0, "again")).toEqual(["a"]);
  });

  test("is an act in both logs, and both logs reconcile", async () => {
    put(0, "a", "x", "b");
    put(1, "c");
    await until(world, () => stored(0).length + stored(1).length === 3);
    await ask({ from: "earliest" });
    await until(world, isDone);
    await pass(world, 1_000);
    const replay = replayed()?.id;
    const told = async (company: Gateways["helix"]) =>
      (await company.acts()).filter((each) => each.replay === replay).map(({ act, actor }) => [act, actor]);
    expect(await told(world.helix)).toEqual([
      ["replay.begun", "operator"],
      ["replay.ended", "gateway"],
    ]);
    expect(await told(world.aurora)).toEqual([
      ["replay.granted", HELIX],
      ["replay.ended", "gateway"],
    ]);
    for (const company of [world.aurora, world.helix]) {
      const named = (await company.frames()).filter((frame) => frame.replay === replay);
      expect(named.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    }
    const { agreed, partitions } = await reconciled(world);
    expect(agreed).toBe(true);
    expect(
      partitions.map(({ partition, chain, subscriber }) => [partition, chain, subscriber.records]),
    ).toEqual([
      [0, undefined, 2],
      [0, `replay ${replay?.slice(0, 8)}`, 2],
      [1, undefined, 1],
      [1, `replay ${replay?.slice(0, 8)}`, 1],
    ]);
  });

  test("never goes back before the agreement's start", async () => {
    await closed(world, helix);
    await begin(await twoGateways(1, { start: new Date(NOW - 1_000).toISOString() }));
    world.source.append(SOURCE, 0, [{ ...demand("old"), timestamp: BigInt(NOW - 5_000) }]);
    world.source.append(SOURCE, 0, [demand("a")]);
    await closed(world, helix);
    helix = subscriberOf(world);
    await until(world, () => stored(0).includes("a"));
    await ask({ from: "earliest", into: "again" });
    await until(world, isDone);
    expect(stored(0, "again")).toEqual(["a"]);
  });
});

describe("a replay is refused", () => {
  test.each<[string, JsonMembers, string]>([
    ["without a place", {}, "REQUEST_INVALID"],
    ["from what is no place", { from: "yesterday" }, "REQUEST_INVALID"],
    ["from an offset, which only the publisher knows", { from: "17" }, "REQUEST_INVALID"],
    ["from an offer that nobody made", { from: "A".repeat(135) }, "LINK_CURSOR_REFUSED"],
    ["up to what is no time", { from: "earliest", to: "latest" }, "REQUEST_INVALID"],
    ["of a partition that is not there", { from: "earliest", partition: 7 }, "CONFLICT"],
    ["of what is no partition", { from: "earliest", partition: -1 }, "REQUEST_INVALID"],
    ["into an application's topic", { from: "earliest", into: "orders" }, "CONFLICT"],
    [
      "into a topic of Kafka's or the gateway's own",
      { from: "earliest", into: "_tiermesh.audit" },
      "REQUEST_INVALID",
    ],
    ["into what is no topic's name", { from: "earliest", into: "a b" }, "REQUEST_INVALID"],
  ])("%s", async (_, wish, code) => {
    world.target.makeTopic("orders", 2);
    await expect(ask(wish)).rejects.toMatchObject({ code });
    expect(replayed()).toBeUndefined();
  });

  test("by a publisher that has suspended the agreement", async () => {
    await world.aurora.agreements.act(AGREEMENT, "suspend", "");
    await expect(ask({ from: "earliest" })).rejects.toMatchObject({ code: "AGREEMENT_NOT_IN_FORCE" });
  });
});

describe("an offer of the publisher's", () => {
  const aurora = () =>
    linkActs({
      ...world.aurora,
      ...world.ports,
      publications: world.publications,
      sink: memoryReplicaSink(world.source),
      codec: recordCodec,
      clientOf: () => world.aurora.clientOf([]),
      without: async (_, work) => await work(),
    });
  const offer = async (wish: JsonMembers) => (await aurora().replay(AGREEMENT, wish)) as JsonMembers;

  test("begins a replay at a source offset that the subscriber does not learn", async () => {
    for (const name of ["a", "b", "c"]) put(0, name);
    put(1, "z");
    await until(world, () => stored(0).length === 3);
    const { offer: from } = await offer({ from: "1", partition: 0 });
    expect(from).toMatch(/^[\w-]{135}$/);
    await ask({ from: String(from), into: "again" });
    await until(world, isDone);
    expect([stored(0, "again"), stored(1, "again")]).toEqual([["b", "c"], []]);
    expect(replayed()?.from).toBe("an offer");
    expect(await world.aurora.acts()).toContainEqual(
      expect.objectContaining({
        act: "replay.offered",
        actor: "operator",
        partition: 0,
        note: "From offset 1.",
      }),
    );
  });

  test.each<[string, JsonMembers, string]>([
    ["for a time", { from: "earliest", partition: 0 }, "REQUEST_INVALID"],
    ["without a partition", { from: "1" }, "REQUEST_INVALID"],
    ["for a partition that is not there", { from: "1", partition: 9 }, "CONFLICT"],
    ["for a record that is not there yet", { from: "0", partition: 0 }, "CONFLICT"],
  ])("is not made %s", async (_, wish, code) => {
    await expect(offer(wish)).rejects.toMatchObject({ code });
  });
});
