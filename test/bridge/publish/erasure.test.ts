import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reconcileWithPartner } from "../../../src/mesh/reconciliation.ts";
import { AGREEMENT, contractFiles } from "../../mesh/two-companies.ts";
import { type Subscriber, subscriberOf } from "../links.ts";
import { demand, type Gateways, SOURCE, twoGateways, until } from "../two-gateways.ts";

const TIMESTAMP = "- { property: mesh.timestamp,";
const passing = contractFiles([
  TIMESTAMP,
  `- { property: mesh.tombstones, value: pass }\n      ${TIMESTAMP}`,
]);

let world: Gateways;
let helix: Subscriber;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(async () => {
  let closed = false;
  void helix.supervisor.close().then(() => {
    closed = true;
  });
  await until(world, () => closed);
  vi.useRealTimers();
});

test("deletions that left are acknowledged: both logs count them, and reconciling says so", async () => {
  world = await twoGateways(1, {}, undefined, passing);
  helix = subscriberOf(world);
  const erased = (key: string) => ({ ...demand(key), key: Buffer.from(key), value: null });
  world.source.append(SOURCE, 0, [demand("a"), erased("k1"), demand("b"), erased("k2")]);
  await until(world, () => helix.metrics.count("link.records.committed", AGREEMENT) === 4);
  const ours = (await world.aurora.frames()).map(({ summary }) => summary?.erasures ?? 0);
  const theirs = (await world.helix.frames()).map(({ erasures }) => erasures);
  expect([ours, theirs]).toEqual([
    [0, 2],
    [0, 2],
  ]);
  const found = await reconcileWithPartner(AGREEMENT, {
    ...world.helix,
    log: () => world.helix.log(),
    clientOf: () => world.helix.clientOf(world.rows),
  });
  expect(found).toMatchObject({
    agreed: true,
    partitions: [{ publisher: { erasures: 2 }, subscriber: { erasures: 2 } }],
  });
});
