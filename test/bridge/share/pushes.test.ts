import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MeshError } from "../../../src/kernel/error.ts";
import type { LinkGroups } from "../../../src/kernel/link-groups.ts";
import { AGREEMENT, contractFiles } from "../../mesh/two-companies.ts";
import { MemoryGroups } from "../../support/memory-groups.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { Forgotten } from "../forgotten.ts";
import { helixKafka, PUSHED, type Pusher, pusherOf, pushingGateways } from "../pushes.ts";
import { demand, type Gateways, namesIn, pass, SOURCE, until } from "../two-gateways.ts";

const PARTITIONS = 4;
const GROUP = `tiermesh.${AGREEMENT}`;

let world: Gateways;
let groups: MemoryGroups;
let running: Pusher[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  running = [];
});
afterEach(async () => {
  for (const pusher of running) await stopped(pusher);
  vi.useRealTimers();
});

async function begin(delivery: "exactly-once" | "at-least-once"): Promise<void> {
  const profile = "  - { property: mesh.profile, value: 1 }";
  const contract = contractFiles([profile, `${profile}\n  - { property: mesh.push, value: ${delivery} }`]);
  world = await pushingGateways(PARTITIONS, { contract, kafka: helixKafka({ delivery }) });
  groups = new MemoryGroups(world.target, world.clock);
}

/** Another process of Aurora's gateway. */
function started(): Pusher {
  const pusher = pusherOf(world, memoryReplicaSink(world.target), { groups, processes: 2 });
  running.push(pusher);
  return pusher;
}
async function stopped(pusher: Pusher): Promise<void> {
  running = running.filter((other) => other !== pusher);
  const closing = pusher.supervisor.close();
  await pass(world, 1_000);
  await closing;
}

const write = (name: string): void => {
  for (let at = 0; at < PARTITIONS; at += 1) world.source.append(SOURCE, at, [demand(name)]);
};
const holds = async (...names: readonly string[]): Promise<void> => {
  const wanted = JSON.stringify(Array.from({ length: PARTITIONS }, () => names));
  const stored = () => Array.from({ length: PARTITIONS }, (_, at) => namesIn(world.target, PUSHED, at));
  await until(world, () => world.target.topics.has(PUSHED) && JSON.stringify(stored()) === wanted);
};

describe("processes of one gateway that push a stream", () => {
  test("share its partitions, and take over from each other", async () => {
    await begin("exactly-once");
    write("a");
    const first = started();
    const second = started();
    await holds("a");
    await until(world, () => groups.shares(GROUP).length === 2);
    expect(groups.shares(GROUP)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    write("b");
    await holds("a", "b");
    expect([first.link.partitions, second.link.partitions].map((list) => list?.length)).toEqual([2, 2]);
    await stopped(first);
    write("c");
    await holds("a", "b", "c");
    expect(second.link.partitions).toEqual([0, 1, 2, 3]);
    expect((await world.aurora.acts()).map(({ act }) => act)).not.toContain("link.ended");
  });

  test("decide nothing in a term that others may have ended while the process hung", async () => {
    await begin("at-least-once");
    const forgotten = new Forgotten(groups);
    running.push(pusherOf(world, memoryReplicaSink(world.target), { groups: forgotten, processes: 2 }));
    write("a");
    await holds("a");
    // The link has begun, and was shared out.
    await until(world, () => forgotten.terms === 2);
    const before = (await world.aurora.frames()).length;
    forgotten.forget();
    write("b");
    await until(world, () => forgotten.isBack);
    expect(await world.aurora.frames()).toHaveLength(before);
    await holds("a", "b");
  });

  test("keep their places while a failure may pass, and leave them to the others when it does not", async () => {
    await begin("exactly-once");
    let [isAway, left] = [false, 0];
    const counting: LinkGroups = {
      member: (...given) => {
        const member = groups.member(...given);
        const leave = async (): Promise<void> => {
          left += 1;
          await member.leave();
        };
        return { join: async (...how) => await member.join(...how), leave };
      },
    };
    const sink = memoryReplicaSink(world.target, () => {
      if (isAway) throw new MeshError("KAFKA_UNAVAILABLE", "The cluster is away.");
    });
    const pusher = pusherOf(world, sink, { groups: counting, processes: 2 });
    running.push(pusher);
    write("a");
    await holds("a");
    await until(world, () => pusher.link.partitions?.length === PARTITIONS);
    isAway = true;
    write("b");
    await until(world, () => pusher.link.state.failures === 3);
    expect(left).toBe(0);
    await until(world, () => pusher.link.state.failures === 4);
    await until(world, () => left === 1);
    isAway = false;
    await holds("a", "b");
  });

  test("leave it to one of them where the partner grants no transactions", async () => {
    await begin("at-least-once");
    write("a");
    const first = started();
    await until(world, () => first.link.state.phase === "running");
    const second = started();
    await until(world, () => second.link.state.phase === "standby");
    await holds("a");
    expect(groups.shares(GROUP)).toEqual([[0, 1, 2, 3]]);
    await stopped(first);
    write("b");
    await holds("a", "b");
  });
});
