import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { linkViews } from "../../src/bridge/link-views.ts";
import { withStatus } from "../../src/tenants/agreement-file.ts";
import { AGREEMENT, AURORA, agreementFiles, HELIX } from "../mesh/two-companies.ts";
import { type Subscriber, subscriberOf } from "./links.ts";
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
} from "./two-gateways.ts";

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
  await world.helix.accept(agreementFiles(withStatus(world.helix.document(), "revoked")));
  helix = subscriberOf(world);
  expect(helix.supervisor.links).toEqual([]);
  await world.helix.accept(agreementFiles(withStatus(world.helix.document(), "requested")));
  await world.helix.accept(agreementFiles(withStatus(world.helix.document(), "requested")));
  expect(helix.supervisor.links.map(({ id }) => id)).toEqual([AGREEMENT]);
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

test("both sides see their end of a link with its counts", async () => {
  helix = subscriberOf(world);
  world.source.append(SOURCE, 0, [demand("a"), denied("x")]);
  await until(
    world,
    () => world.target.topics.has(REPLICA) && namesIn(world.target, REPLICA, 0).length === 1,
  );
  const since = expect.stringMatching(/^2026-12-15T12:/);
  const row = { agreement: AGREEMENT, contract: "material-demand@2.1.0", code: "", detail: "", since };
  const { aurora, served, metrics } = world;
  expect(linkViews(aurora.registry.snapshot, AURORA, [], served, metrics)).toEqual([
    { ...row, side: "publisher", partner: "helix", state: "serving", records: 1, denied: 1, shadowDenied: 0 },
  ]);
  const { snapshot } = world.helix.registry;
  expect(linkViews(snapshot, HELIX, helix.supervisor.links, new Map(), helix.metrics)).toEqual([
    {
      ...row,
      side: "subscriber",
      partner: "aurora",
      state: "running",
      records: 1,
      denied: 0,
      shadowDenied: 0,
    },
  ]);
  await close();
  expect(linkViews(aurora.registry.snapshot, AURORA, [], served, metrics)).toMatchObject([
    { state: "idle", since: null },
  ]);
});
