import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { views } from "../../../src/mesh/views.ts";
import { newAgreement, signAgreement } from "../../../src/tenants/agreement-file.ts";
import { AGREEMENT, contractFiles, HELIX } from "../../mesh/two-companies.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
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
  world = await twoGateways(2);
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
});
afterEach(async () => {
  await closed(world, helix);
  vi.useRealTimers();
});

const put = (partition: number, ...names: readonly string[]): void => {
  for (const name of names) world.source.append(SOURCE, partition, [demand(name)]);
};
const stored = (partition: number) => namesIn(world.target, REPLICA, partition);
const counts = () => [stored(0).length, stored(1).length];

describe("an agreement that takes another one's place", () => {
  const RENEWED = "1c5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f11";

  async function renew(version: string): Promise<void> {
    const { aurora, helix: subscriber } = world;
    const before = aurora.agreement();
    await aurora.accept(contractFiles(["version: 2.1.0", `version: ${version}`]));
    const contract = aurora.registry.snapshot.contract(`material-demand@${version}`)?.ref;
    if (before === undefined || contract === undefined) throw new Error("There are both.");
    const document = newAgreement({
      id: RENEWED,
      provider: before.provider,
      consumer: before.consumer,
      purpose: before.purpose,
      startTimestamp: new Date(before.startsAt).toISOString(),
      endTimestamp: new Date(before.endsAt).toISOString(),
      contractName: before.contractName,
      contractVersion: contract.version,
      contractDigest: contract.digest,
    });
    const signed = signAgreement(document, subscriber.keys, HELIX, new Date(world.clock.now()).toISOString());
    await subscriber.agreements.requested(signed);
    await aurora.agreements.receive(HELIX, signed);
    await aurora.agreements.act(RENEWED, "approve", "");
    await until(world, () => renewedLink()?.state.code === "LINK_CURSOR_LOST");
  }
  const renewedLink = () => helix.supervisor.links.find(({ id }) => id === RENEWED);
  const takeOver = async () => await helix.acts.reset(RENEWED, { by: "event" });

  test.each([
    ["the same version of the contract", "2.1.0"],
    ["its next version", "2.2.0"],
  ])(
    "on %s writes nothing until it is told to, and goes on where the other one ended",
    async (_, version) => {
      put(0, "a", "b");
      await until(world, () => counts().join() === "2,0");
      await renew(version);
      put(0, "c");
      await until(world, () => stored(0).length === 3);
      await expect(takeOver()).rejects.toMatchObject({ code: "CONFLICT" });
      await world.helix.agreements.act(AGREEMENT, "revoke", "Renewed.");
      await pass(world, 1_000);
      put(0, "d");
      const group = `tiermesh.${AGREEMENT}`;
      const names = { topic: REPLICA, partitions: 2, group, transactionalId: group, topicConfig: {} };
      const left = await memoryReplicaSink(world.target).open(names, new AbortController().signal);
      await takeOver();
      const cursor = { partition: 0, sequence: 0n, metadata: "" };
      const late = left.commit([{ partition: 0, batch: undefined, count: 0, cursor }]);
      await expect(late).rejects.toMatchObject({ code: "LINK_FENCED" });
      await until(world, () => stored(0).length === 4);
      put(1, "e");
      await until(world, () => stored(1).length === 1);
      await pass(world, 2_000);
      expect([stored(0), stored(1)]).toEqual([["a", "b", "c", "d"], ["e"]]);
      expect(renewedLink()?.state.phase).toBe("running");
    },
  );

  test("waits for no replay of the other one, which ended with it", async () => {
    put(0, "a");
    await until(world, () => counts().join() === "1,0");
    await renew("2.1.0");
    await helix.acts.replay(AGREEMENT, { from: "earliest", into: REPLICA });
    helix.network.isCut = true;
    await world.helix.agreements.act(AGREEMENT, "revoke", "Renewed.");
    await pass(world, 1_000);
    helix.network.isCut = false;
    const { snapshot } = world.helix.registry;
    expect(snapshot.all("Replay").map(({ value }) => value.status)).toEqual(["running"]);
    expect(views(snapshot, world.helix).replays?.()).toMatchObject([{ status: "stopped" }]);
    expect(await takeOver()).toMatchObject({ done: true });
  });
});
