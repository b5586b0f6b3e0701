import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linkViews } from "../../../src/bridge/links/link-views.ts";
import { ServedStreams } from "../../../src/bridge/share/served-streams.ts";
import type { JsonMembers } from "../../../src/kernel/json.ts";
import { AGREEMENT, HELIX } from "../../mesh/two-companies.ts";
import { MemoryGroups } from "../../support/memory-groups.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { Forgotten } from "../forgotten.ts";
import { closed, type Subscriber, subscriberOf } from "../links.ts";
import {
  demand,
  type Gateways,
  namesIn,
  pass,
  REPLICA,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

const PARTITIONS = 4;
const GROUP = `tiermesh.${AGREEMENT}`;

let world: Gateways;
let groups: MemoryGroups;
let running: Subscriber[] = [];
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(PARTITIONS);
  groups = new MemoryGroups(world.target, world.clock);
  running = [];
});
afterEach(async () => {
  for (const helix of running) await closed(world, helix);
  vi.useRealTimers();
});

/** Another process of Helix's gateway; `processes` as its gateway.yaml has it. */
function started(processes = 2): Subscriber {
  const helix = subscriberOf(world, memoryReplicaSink(world.target), { groups, processes });
  running.push(helix);
  return helix;
}
async function stopped(helix: Subscriber): Promise<void> {
  running = running.filter((other) => other !== helix);
  await closed(world, helix);
}

/** Writes a record into every partition. */
const write = (name: string): void => {
  for (let at = 0; at < PARTITIONS; at += 1) world.source.append(SOURCE, at, [demand(name)]);
};
const stored = (): readonly (readonly string[])[] =>
  world.target.topics.has(REPLICA)
    ? Array.from({ length: PARTITIONS }, (_, at) => namesIn(world.target, REPLICA, at))
    : [];
/** Waits until every partition of the replica holds exactly these, in this order. */
const holds = async (...names: readonly string[]): Promise<void> => {
  const wanted = Array.from({ length: PARTITIONS }, () => names);
  await until(world, () => JSON.stringify(stored()) === JSON.stringify(wanted));
};
const shared = async (...parts: readonly (readonly number[])[]): Promise<void> => {
  const isShared = () => JSON.stringify(groups.shares(GROUP)) === JSON.stringify(parts);
  await until(world, () => isShared() && world.served.size === parts.length);
};
const viewOf = ({ supervisor, metrics }: Subscriber): JsonMembers => {
  const { snapshot } = world.helix.registry;
  const now = world.clock.now();
  const served = new ServedStreams();
  const [row] = linkViews({
    snapshot,
    owner: HELIX,
    links: supervisor.links,
    pushes: [],
    served,
    metrics,
    now,
  });
  return row as JsonMembers;
};

describe("processes of one gateway", () => {
  test("share the partitions of a link: a second one takes half, and gives it back as it goes", async () => {
    write("a");
    const first = started();
    await holds("a");
    expect(groups.shares(GROUP)).toEqual([[0, 1, 2, 3]]);
    const second = started();
    await shared([0, 1], [2, 3]);
    write("b");
    await holds("a", "b");
    expect([viewOf(first), viewOf(second)]).toMatchObject([
      { state: "running", partitions: [0, 1] },
      { state: "running", partitions: [2, 3] },
    ]);
    await stopped(second);
    await shared([0, 1, 2, 3]);
    write("c");
    await holds("a", "b", "c");
  });

  test("that are more than may share stand by, and take over when one goes", async () => {
    const first = started(1);
    await until(world, () => first.link.state.phase === "running");
    await stopped(first);
    const second = started(2);
    await shared([0, 1, 2, 3]);
    const third = started(2);
    const fourth = started(2);
    await shared([0, 1], [2, 3]);
    await until(world, () => fourth.link.state.phase === "standby");
    expect(viewOf(fourth)).toMatchObject({ state: "standby", partitions: null });
    await stopped(second);
    await until(world, () => fourth.link.state.phase === "running");
    expect(third.link.partitions).toHaveLength(2);
    write("a");
    await holds("a");
  });

  test("lose and double nothing when one of them is given up and does not know it", async () => {
    write("a");
    started();
    started();
    await holds("a");
    await shared([0, 1], [2, 3]);
    const givenUp = groups.giveUp(GROUP, 1);
    await pass(world, 6_000);
    await givenUp;
    // The one that was given up reads on, and is refused as it commits.
    write("b");
    await holds("a", "b");
    await shared([0, 1], [2, 3]);
    write("c");
    await holds("a", "b", "c");
    expect((await world.helix.acts()).map(({ code }) => code)).not.toContain("INTERNAL");
  });

  test("decide nothing in a term that others may have ended while the process hung", async () => {
    const forgotten = new Forgotten(groups);
    running.push(subscriberOf(world, memoryReplicaSink(world.target), { groups: forgotten, processes: 2 }));
    write("a");
    await holds("a");
    // The link has begun, and was shared out.
    await until(world, () => forgotten.terms === 2);
    const before = (await world.helix.frames()).length;
    forgotten.forget();
    write("b");
    await until(world, () => forgotten.isBack);
    expect(await world.helix.frames()).toHaveLength(before);
    await holds("a", "b");
  });

  test("begin partitions that the source gets later at their beginning, whoever has them", async () => {
    write("a");
    started();
    started();
    await holds("a");
    world.source.growTopic(SOURCE, PARTITIONS + 1);
    world.source.append(SOURCE, PARTITIONS, [demand("new")]);
    await until(world, () => (world.target.topics.get(REPLICA)?.logs.length ?? 0) > PARTITIONS);
    await until(world, () => namesIn(world.target, REPLICA, PARTITIONS).length === 1);
    expect(groups.shares(GROUP).flat().sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("keep sharing where gateway.yaml has one process again, because cursors of such a group expire otherwise", async () => {
    const first = started(2);
    await until(world, () => first.link.state.phase === "running");
    await stopped(first);
    const alone = started(1);
    await until(world, () => alone.link.state.phase === "running");
    expect(groups.shares(GROUP)).toEqual([[0, 1, 2, 3]]);
    expect(alone.link.state.last).toBeUndefined();
  });

  test("leave a replay to one of them, which another one takes over", async () => {
    write("a");
    const first = started();
    started();
    await holds("a");
    await shared([0, 1], [2, 3]);
    const begun = first.acts.replay(AGREEMENT, { from: "earliest", into: "again" });
    await until(world, () => running.every(({ supervisor }) => supervisor.links.length === 2));
    const { id = "" } = world.helix.registry.snapshot.all("Replay")[0]?.value ?? {};
    await until(world, () => groups.shares(`${GROUP}.replay.${id}`).length === 1);
    await stopped(first);
    await begun;
    const isDone = () => world.helix.registry.snapshot.find("Replay", id)?.value.status === "done";
    await until(world, isDone);
    const again = Array.from({ length: PARTITIONS }, (_, at) => namesIn(world.target, "again", at));
    expect(again).toEqual([["a"], ["a"], ["a"], ["a"]]);
  });

  test("refuse a reset while one of them has the link, and allow it once it is paused", async () => {
    started();
    started();
    await shared([0, 1], [2, 3]);
    const { acts } = running[0] as Subscriber;
    const refused = acts.reset(AGREEMENT, { to: "latest", yes: true }).catch((error: unknown) => error);
    await pass(world, 5_000);
    expect(await refused).toMatchObject({ code: "LINK_SHARED" });
    await acts.control(AGREEMENT, "pause", "");
    await pass(world, 5_000);
    const done = acts.reset(AGREEMENT, { to: "latest", yes: true });
    await pass(world, 5_000);
    expect(await done).toMatchObject({ done: true });
  });
});
