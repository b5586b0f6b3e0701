import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PushedAgreements } from "../../../src/bridge/push/pushed-agreements.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { PartnerClient } from "../../../src/kernel/ports.ts";
import { AGREEMENT, HELIX } from "../../mesh/two-companies.ts";
import { memoryPartner } from "../../support/memory-partner.ts";
import { pushingGateways } from "../pushes.ts";
import { type Gateways, pass, twoGateways, until } from "../two-gateways.ts";

let world: Gateways;
let watching: PushedAgreements;
let calls = 0;
let isAway = false;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  calls = 0;
  isAway = false;
});
afterEach(async () => {
  const closing = watching.close();
  await pass(world, 500);
  await closing;
  vi.useRealTimers();
});

function watch(): void {
  const { helix, rows, clock } = world;
  const { owner, registry, agreements } = helix;
  const clientOf = () => {
    calls += 1;
    if (isAway) throw new MeshError("PARTNER_UNREACHABLE", "The network is cut.");
    return memoryPartner(rows, HELIX);
  };
  watching = new PushedAgreements({ owner, registry, agreements, clientOf, clock });
  watching.start();
}
const status = () => world.helix.agreement()?.status;

test("an approval is learned, and so is a revocation, after which nobody is asked any more", async () => {
  world = await pushingGateways(1);
  watch();
  await until(world, () => status() === "approved");
  await world.aurora.agreements.act(AGREEMENT, "revoke", "over");
  await until(world, () => status() === "revoked");
  expect((await world.helix.acts()).map(({ act }) => act)).toContain("agreement.revoked");
  const before = calls;
  await pass(world, 60_000);
  expect(calls).toBe(before);
});

test("a publisher that is away is asked again", async () => {
  world = await pushingGateways(1);
  isAway = true;
  watch();
  await until(world, () => calls > 2);
  isAway = false;
  await until(world, () => status() === "approved");
});

test("a publisher that is silent holds nobody up who stops", async () => {
  world = await pushingGateways(1);
  const { owner, registry, agreements } = world.helix;
  const answer = Promise.withResolvers<never>();
  const silent: PartnerClient = {
    json: async () => {
      calls += 1;
      return await answer.promise;
    },
    stream: async () => await answer.promise,
    close: async () => answer.reject(new Error("It was closed.")),
  };
  watching = new PushedAgreements({
    owner,
    registry,
    agreements,
    clientOf: () => silent,
    clock: world.clock,
  });
  watching.start();
  await until(world, () => calls === 1);
  let isClosed = false;
  void watching.close().then(() => {
    isClosed = true;
  });
  await pass(world, 1_000);
  expect(isClosed).toBe(true);
});

test("an agreement whose stream is fetched is its link's matter", async () => {
  world = await twoGateways(1);
  watch();
  await pass(world, 10_000);
  expect(calls).toBe(0);
});
