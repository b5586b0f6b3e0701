import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withStatus } from "../../../src/tenants/agreement-file.ts";
import { AGREEMENT, agreementFiles } from "../../mesh/two-companies.ts";
import { pusherOf, pushingGateways } from "../pushes.ts";
import { type Gateways, pass, twoGateways, until } from "../two-gateways.ts";

let world: Gateways;
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

async function linksOf(): Promise<readonly string[]> {
  const { supervisor } = pusherOf(world);
  const closing = supervisor.close();
  await pass(world, 500);
  await closing;
  return supervisor.links.map(({ id }) => id);
}

test("a stream that its subscriber fetches is not pushed", async () => {
  world = await twoGateways(1);
  expect(await linksOf()).toEqual([]);
});

test("an agreement that has ended is not pushed", async () => {
  world = await pushingGateways(1);
  await world.aurora.accept(agreementFiles(withStatus(world.aurora.document(), "revoked")));
  expect(await linksOf()).toEqual([]);
});

test("a push begins with the approval", async () => {
  world = await pushingGateways(1);
  await world.aurora.accept(agreementFiles(withStatus(world.aurora.document(), "requested")));
  const { supervisor } = pusherOf(world);
  await pass(world, 1_000);
  expect(supervisor.links.map(({ state }) => state.phase)).toEqual(["requested"]);
  await world.aurora.agreements.act(AGREEMENT, "approve", "");
  await until(world, () => supervisor.links[0]?.state.phase === "running");
  const closing = supervisor.close();
  await pass(world, 500);
  await closing;
});
