import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { controlLink } from "../../../src/bridge/links/link-control.ts";
import { REGISTRY_TOPIC } from "../../../src/mesh/registry/registry.ts";
import { AGREEMENT, AURORA, HELIX } from "../../mesh/two-companies.ts";
import { type CommitFault, memoryReplicaSink } from "../../support/memory-replica-sink.ts";
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

let world: Gateways;
let helix: Subscriber;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(1);
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
});
afterEach(async () => {
  await closed(world, helix);
  vi.useRealTimers();
});

const put = (name: string): void => world.source.append(SOURCE, 0, [demand(name)]);
const stored = () => namesIn(world.target, REPLICA, 0);
const pauseHere = async () => await helix.acts.control(AGREEMENT, "pause", "Moving.");
const resumeHere = async () => await helix.acts.control(AGREEMENT, "resume", "");
const there = async (act: "pause" | "resume") => await controlLink(AGREEMENT, act, "", world.aurora);
const actsOf = async (company: Gateways["helix"]) =>
  (await company.acts())
    .filter(({ act }) => act.startsWith("link."))
    .map(({ act, actor, note }) => [act, actor, note]);
const cursorKey = `tiermesh.${AGREEMENT} ${REPLICA} 0`;
const DAY_MS = 24 * 3_600_000;

describe("a link that its subscriber pauses", () => {
  test("stores nothing from then on, says so, and goes on within a second when it is resumed", async () => {
    await pauseHere();
    put("a");
    await pass(world, 5_000);
    expect(helix.link.state).toMatchObject({
      phase: "paused",
      code: "LINK_PAUSED",
      detail: "Paused here: Moving.",
      failures: 0,
    });
    expect([stored(), world.served.size]).toEqual([[], 0]);
    const before = world.clock.now();
    await resumeHere();
    await until(world, () => stored().length === 1);
    expect(world.clock.now() - before).toBeLessThanOrEqual(1_000);
  });

  test("stays so after a restart of its gateway", async () => {
    await pauseHere();
    await closed(world, helix);
    helix = subscriberOf(world);
    put("a");
    await pass(world, 40_000);
    expect(helix.link.state.phase).toBe("paused");
    expect(stored()).toEqual([]);
  });

  test("is an act of the operator's in its log, once however often it is said", async () => {
    await pauseHere();
    await pauseHere();
    await resumeHere();
    expect(await actsOf(world.helix)).toEqual([
      ["link.paused", "operator", "Moving."],
      ["link.resumed", "operator", undefined],
    ]);
  });

  test("keeps its cursors from expiring", async () => {
    put("a");
    await until(world, () => stored().length === 1);
    const cursor = world.target.cursors.get(cursorKey);
    await pauseHere();
    await closed(world, helix);
    const committed: unknown[] = [];
    const observe: CommitFault = (moment, writes) => {
      if (moment === "after") committed.push(...writes.map((write) => write.cursor));
    };
    helix = subscriberOf(world, memoryReplicaSink(world.target, observe));
    for (let days = 0; days < 3; days += 1) {
      const before = committed.length;
      for (let hours = 0; hours < 24; hours += 6) {
        world.clock.advance(DAY_MS / 4);
        await pass(world, 100);
      }
      expect(committed.length).toBeGreaterThan(before);
    }
    expect(committed).toEqual(committed.map(() => cursor));
    expect(stored()).toEqual(["a"]);
  });

  test("learns meanwhile that the publisher has ended it", async () => {
    await pauseHere();
    await pass(world, 1_000);
    await world.aurora.agreements.act(AGREEMENT, "revoke", "Ended.");
    await until(world, () => helix.link.state.code === "revoked");
    expect((await world.helix.acts()).at(-1)).toMatchObject({ act: "agreement.revoked", actor: AURORA });
  });
});

describe("a link that its publisher pauses", () => {
  test("serves nothing, is paused at the subscriber too, and goes on when it is resumed", async () => {
    await there("pause");
    put("a");
    await until(world, () => helix.link.state.phase === "paused");
    await pass(world, 5_000);
    expect(helix.link.state).toMatchObject({ code: "LINK_PAUSED", failures: 0 });
    expect(helix.link.state.detail).toMatch(/publisher/);
    expect([stored(), world.served.size]).toEqual([[], 0]);
    await there("resume");
    await until(world, () => stored().length === 1);
    expect(helix.link.state.phase).toBe("running");
  });

  test("stands in the log of the publisher with the stream that it ended", async () => {
    await there("pause");
    await until(world, () => helix.link.state.phase === "paused");
    await vi.waitFor(async () =>
      expect((await world.aurora.acts()).slice(-2)).toMatchObject([
        { act: "link.paused", actor: "operator", partner: HELIX },
        { act: "link.ended", actor: "gateway", code: "LINK_PAUSED" },
      ]),
    );
  });
});

test("a link that waits is tried again at once when it is resumed", async () => {
  world.source.deleteTopic(SOURCE);
  await until(world, () => helix.link.state.phase === "waiting");
  world.target.makeTopic("other", 1);
  helix.network.isCut = true;
  await until(world, () => helix.link.state.failures > 8);
  helix.network.isCut = false;
  world.source.makeTopic(SOURCE, 1);
  const { calls } = helix.network;
  await resumeHere();
  await pass(world, 100);
  expect(helix.network.calls).toBeGreaterThan(calls);
});

test("an agreement that has ended has no link to pause", async () => {
  await world.helix.agreements.act(AGREEMENT, "revoke", "Ended.");
  await expect(pauseHere()).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(helix.acts.control("none", "pause", "")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("what is said of a link and can't be read, or was not said by the operator, pauses it", async () => {
  const value = {
    kind: "LinkControl",
    name: AGREEMENT,
    main: "control.json",
    files: { "control.json": "{}" },
    acceptedAt: "2026-12-15T12:00:00.000Z",
    acceptedBy: "operator",
  };
  const key = `LinkControl/${AGREEMENT}`;
  const write = async (entry: object) =>
    await world.helix.journal.append(REGISTRY_TOPIC, [{ key, value: Buffer.from(JSON.stringify(entry)) }]);
  await write(value);
  await until(world, () => helix.link.state.phase === "paused");
  await resumeHere();
  await until(world, () => helix.link.state.phase === "running");
  const control = {
    kind: "LinkControl",
    agreement: AGREEMENT,
    paused: false,
    reason: "",
    at: value.acceptedAt,
  };
  await write({ ...value, files: { "control.json": JSON.stringify(control) }, acceptedBy: AURORA });
  await until(world, () => helix.link.state.phase === "paused");
});
