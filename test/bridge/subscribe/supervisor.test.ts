import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { controlLink } from "../../../src/bridge/links/link-control.ts";
import { withStatus } from "../../../src/tenants/agreement-file.ts";
import { AGREEMENT, AURORA, agreementFiles, partnerFiles, ringsOfBoth } from "../../mesh/two-companies.ts";
import { type Subscriber, subscriberOf } from "../links.ts";
import { type Gateways, pass, twoGateways, until } from "../two-gateways.ts";

let world: Gateways;
let helix: Subscriber;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(1);
});
afterEach(() => vi.useRealTimers());

async function close(): Promise<void> {
  const closing = helix.supervisor.close();
  await pass(world, 1_000);
  await closing;
}

test("there is one link for each agreement that lives, however often the registry changes", async () => {
  helix = subscriberOf(world);
  await world.helix.accept(agreementFiles(withStatus(world.helix.document(), "requested")));
  await world.helix.accept(agreementFiles(withStatus(world.helix.document(), "requested")));
  expect(helix.supervisor.links.map(({ id }) => id)).toEqual([AGREEMENT]);
  await close();
  await world.helix.accept(agreementFiles(withStatus(world.helix.document(), "revoked")));
  helix = subscriberOf(world);
  expect(helix.supervisor.links).toEqual([]);
  await close();
});

test("a closed supervisor has let go of everything, and starts nothing more", async () => {
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
  await close();
  const { calls } = helix.network;
  await world.helix.accept(agreementFiles(withStatus(world.helix.document(), "approved")));
  await pass(world, 20_000);
  expect(helix.network.calls).toBe(calls);
  expect(world.served.size).toBe(0);
});

test("what needs a link at rest waits for what has it at rest already, and the link for both", async () => {
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
  const told: string[] = [];
  const works = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const done = works.map(({ promise }, at) =>
    helix.supervisor.without(AGREEMENT, async () => {
      told.push(`begins ${at}`);
      await promise;
      told.push(`ends ${at}`);
      if (at === 0) throw new Error("It fails.");
    }),
  );
  const outcomes = Promise.allSettled(done);
  await pass(world, 1_000);
  works[0]?.resolve();
  await pass(world, 1_000);
  expect([told, helix.supervisor.links]).toEqual([["begins 0", "ends 0", "begins 1"], []]);
  works[1]?.resolve();
  await until(world, () => helix.supervisor.links[0]?.state.phase === "running");
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  await close();
});

test("a link takes nothing more over a connection that was opened by another card of its publisher", async () => {
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
  const [before] = world.served.all;
  await world.helix.accept(partnerFiles(AURORA, (await ringsOfBoth())[0], { serial: 2 }));
  await until(world, () => world.served.size === 1 && world.served.all[0] !== before);
  await until(world, () => helix.link.state.phase === "running");
  expect(helix.link.state.last).toBeUndefined();
  await close();
});

test("a link that waits for its publisher says why once, however long it is", async () => {
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
  await controlLink(AGREEMENT, "pause", "", world.aurora);
  await until(world, () => helix.link.state.phase === "paused");
  const told = () => world.helix.signals.filter(({ name }) => name === "link.state.changed").length;
  const before = told();
  await pass(world, 30_000);
  expect([helix.link.state.phase, told() - before]).toEqual(["paused", 0]);
  helix.network.isCut = true;
  await pass(world, 30_000);
  expect([helix.link.state.phase, told() - before]).toEqual(["waiting", 1]);
  helix.network.isCut = false;
  await controlLink(AGREEMENT, "resume", "", world.aurora);
  await until(world, () => helix.link.state.phase === "running");
  await close();
});
