import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Supervisor } from "../../../src/bridge/subscribe/supervisor.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { PartnerClient } from "../../../src/kernel/ports.ts";
import { withStatus } from "../../../src/tenants/agreement-file.ts";
import { AGREEMENT, AURORA, agreementFiles, contractFiles } from "../../mesh/two-companies.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { memoryTopicSource } from "../../support/memory-topic-source.ts";
import { type Subscriber, subscriberOf } from "../links.ts";
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
});
afterEach(async () => {
  const closing = helix.supervisor.close();
  await pass(world, 500);
  await closing;
  vi.useRealTimers();
});

const put = (...names: readonly string[]): void =>
  world.source.append(
    SOURCE,
    0,
    names.map((name) => demand(name)),
  );
const stored = () => (world.target.topics.has(REPLICA) ? namesIn(world.target, REPLICA, 0) : []);
const phase = () => helix.link.state.phase;
const ofState =
  (code: string, was = "stopped") =>
  () =>
    phase() === was && helix.link.state.code === code;
const actsOf = async () => (await world.helix.acts()).map(({ act, actor }) => [act, actor]);

async function running(): Promise<void> {
  helix = subscriberOf(world);
  await until(world, () => phase() === "running");
}

describe("a link", () => {
  test("waits for the approval, then runs by itself, and its log has the approval", async () => {
    world = await twoGateways(1);
    await world.aurora.accept(agreementFiles(withStatus(world.aurora.document(), "requested")));
    helix = subscriberOf(world);
    await pass(world, 3_000);
    expect(phase()).toBe("requested");
    await world.aurora.agreements.act(AGREEMENT, "approve", "");
    put("a", "b");
    await until(world, () => stored().length === 2);
    expect(phase()).toBe("running");
    expect(await actsOf()).toContainEqual(["agreement.approved", AURORA]);
    expect(helix.metrics.count("link.records.committed", AGREEMENT)).toBe(2);
  });

  test("makes the replica topic as the publisher describes it", async () => {
    await running();
    const { config, logs } = world.target.topic(REPLICA);
    expect(logs).toHaveLength(1);
    expect(config).toMatchObject({ "cleanup.policy": "delete" });
    expect(Number(config["retention.ms"])).toBeGreaterThanOrEqual(90 * 24 * 3_600_000);
  });

  test("comes back after the network was cut, and nothing is lost or doubled", async () => {
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    helix.network.isCut = true;
    put("b");
    await until(world, ofState("PARTNER_UNREACHABLE", "waiting"));
    put("c");
    await pass(world, 30_000);
    expect(helix.link.state.failures).toBeGreaterThan(3);
    helix.network.isCut = false;
    await until(world, () => stored().length === 3);
    expect([stored(), phase()]).toEqual([["a", "b", "c"], "running"]);
  });

  test("tells the publisher's failure by its own code", async () => {
    world.source.deleteTopic(SOURCE);
    helix = subscriberOf(world);
    await until(world, ofState("SOURCE_MISSING", "waiting"));
    world.source.makeTopic(SOURCE, 1);
    put("a");
    await until(world, () => stored().length === 1);
  });

  test("stops where only a person can mend it, looks again now and then, and goes on once it is mended", async () => {
    world.target.makeTopic(REPLICA, 1);
    world.target.append(REPLICA, 0, [demand("theirs")]);
    helix = subscriberOf(world);
    await until(world, ofState("LINK_CURSOR_LOST"));
    await pass(world, 5_000);
    expect(helix.link.state.failures).toBe(1);
    world.target.deleteTopic(REPLICA);
    put("a");
    await until(world, () => stored().length === 1);
  });

  test("that is revoked by the publisher stops within a second or two, and both logs show it", async () => {
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    const before = world.clock.now();
    await world.aurora.agreements.act(AGREEMENT, "revoke", "Ended.");
    put("after the end");
    await until(world, ofState("revoked"));
    expect(world.clock.now() - before).toBeLessThan(2_000);
    expect(stored()).toEqual(["a"]);
    expect((await actsOf()).at(-1)).toEqual(["agreement.revoked", AURORA]);
    const calls = helix.network.calls;
    await pass(world, 60_000);
    expect(helix.network.calls).toBe(calls);
  });

  test("that its own operator revokes stops at once and says so", async () => {
    await running();
    await world.helix.agreements.act(AGREEMENT, "revoke", "No need any more.");
    put("after the end");
    await pass(world, 1_000);
    expect(helix.link.state).toMatchObject({ phase: "stopped", code: "revoked" });
    expect(stored()).toEqual([]);
  });

  test("that its own operator suspends stays so, and goes on when it is resumed", async () => {
    await running();
    await world.helix.agreements.act(AGREEMENT, "suspend", "");
    put("a");
    await pass(world, 10_000);
    expect(helix.link.state).toMatchObject({ phase: "stopped", code: "suspended" });
    expect(stored()).toEqual([]);
    await world.helix.agreements.act(AGREEMENT, "resume", "");
    await until(world, () => stored().length === 1);
  });

  test("that the publisher suspends goes on when the publisher resumes", async () => {
    await running();
    await world.aurora.agreements.act(AGREEMENT, "suspend", "");
    await until(world, ofState("suspended"));
    put("a");
    await pass(world, 5_000);
    expect(stored()).toEqual([]);
    await world.aurora.agreements.act(AGREEMENT, "resume", "");
    await until(world, () => stored().length === 1);
  });

  test("waits while the publisher's card is not there, and does not fall", async () => {
    await running();
    await world.helix.journal.append("_tiermesh.registry", [{ key: `Partner/${AURORA}`, value: null }]);
    helix.network.isCut = true;
    await until(world, ofState("NOT_FOUND"));
  });

  test("ends its session when the registry does not hold its agreement any more", async () => {
    await running();
    const key = `AccessAgreement/${AGREEMENT}`;
    await world.helix.journal.append("_tiermesh.registry", [{ key, value: Buffer.from("unreadable") }]);
    await pass(world, 500);
    put("after the end");
    await pass(world, 2_000);
    expect(stored()).toEqual([]);
    expect(helix.link.state).toMatchObject({ phase: "stopped", code: "NOT_FOUND" });
  });

  test("goes on under a newer text of another contract", async () => {
    await running();
    await world.aurora.accept(contractFiles(["version: 2.1.0", "version: 2.2.0"]));
    put("a");
    await until(world, () => stored().length === 1);
  });

  test("whose agreement is over says so, and does not ask every second for ever", async () => {
    world = await twoGateways(1, { endTimestamp: "2026-12-15T12:00:10Z" });
    await running();
    await pass(world, 12_000);
    put("after the end");
    const { calls } = helix.network;
    const told = world.helix.signals.length;
    await pass(world, 60_000);
    expect(helix.link.state).toMatchObject({ phase: "stopped", code: "expired" });
    expect(helix.network.calls - calls).toBeLessThan(12);
    expect(world.helix.signals.length - told).toBeLessThan(4);
    expect(stored()).toEqual([]);
  });
});

test("a link that is stopped does not wait for what a silent publisher may yet answer", async () => {
  const { owner, registry, agreements, decisions, emit } = world.helix;
  let breakOff = (): void => {};
  const silent: PartnerClient = {
    json: async () =>
      await new Promise<never>((_, reject) => {
        breakOff = () => reject(new MeshError("PARTNER_UNREACHABLE", "The call was broken off."));
      }),
    stream: async () => await Promise.reject(new MeshError("PARTNER_UNREACHABLE", "Nobody asks for it.")),
    close: async () => await Promise.resolve(breakOff()),
  };
  helix = subscriberOf(world);
  const supervisor = new Supervisor(registry, {
    ...{ owner, registry, agreements, decisions, emit, clock: world.clock, topicPrefix: "" },
    source: memoryTopicSource(world.target),
    sink: memoryReplicaSink(world.target),
    codec: recordCodec,
    clientOf: () => silent,
    replayDone: async () => {},
    random: () => 0.5,
  });
  supervisor.start();
  await pass(world, 500);
  let isClosed = false;
  void supervisor.close().then(() => {
    isClosed = true;
  });
  await pass(world, 500);
  expect(isClosed).toBe(true);
});
