import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withStatus } from "../../../src/tenants/agreement-file.ts";
import { AGREEMENT, agreementFiles } from "../../mesh/two-companies.ts";
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
