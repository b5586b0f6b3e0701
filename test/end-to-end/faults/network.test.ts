import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultProxy } from "../../support/fault-proxy.ts";
import { order, writeContract } from "../contract.ts";
import { Follower, numberOf } from "../follower.ts";
import type { Pair } from "../pair.ts";
import { printedSeed, seeded } from "../seeded.ts";
import { proxiedPair } from "./proxied-pair.ts";
import { Traffic } from "./traffic.ts";

/** How long the network stays bad, ms. */
const BAD_MS = 8_000;
/** A frame of half a mebibyte takes longer on it than a link bears silence. */
const SLOW_BYTES_PER_SECOND = 32_000;
/** Records of 1 KB written at once: they leave in frames of half a mebibyte. */
const BULK = 900;
/** Many small chunks, of which some are lost. */
const SLICE_MS = 25;

describe("The network between two gateways, under load", () => {
  const seed = printedSeed("network");
  let pair: Pair;
  let proxy: FaultProxy;
  let traffic: Traffic;

  beforeAll(async () => {
    ({ pair, proxy } = await proxiedPair(seeded(seed)));
    traffic = await Traffic.start(pair, { topic: "orders", sliceMs: SLICE_MS });
  }, 120_000);
  afterAll(async () => {
    await traffic?.replica.stop();
    await pair?.stop();
    await proxy?.stop();
  });

  const waitsSince = (from: number, patienceMs = 20_000, of = traffic.agreement) =>
    pair.helix.told(
      ({ agreement, state, code }) =>
        agreement === of && state === "waiting" && code === "PARTNER_UNREACHABLE",
      { from, patienceMs },
    );

  it("is cut: PARTNER_UNREACHABLE, and the link comes back by itself", async () => {
    const from = pair.helix.tellings;
    proxy.cut();
    await waitsSince(from);
    await traffic.flows();
  }, 60_000);

  it("refuses for a while: the same", async () => {
    const from = pair.helix.tellings;
    await proxy.refuse();
    await waitsSince(from);
    await sleep(1_000);
    await proxy.heal();
    await traffic.flows();
  }, 60_000);

  it("falls silent: that is noticed without an end of the connection, and the link comes back by itself", async () => {
    const from = pair.helix.tellings;
    proxy.silence();
    const said = await waitsSince(from);
    expect(said.detail).toMatch(/silent for 10 s/);
    await proxy.heal();
    await traffic.flows();
  }, 60_000);

  it("takes 200 ms each way and loses every 50th chunk: the stream goes on, on the connections that it has", async () => {
    const from = pair.helix.tellings;
    const before = proxy.accepted;
    proxy.weather({ delayMs: 200, lossShare: 0.02 });
    await sleep(BAD_MS);
    await traffic.flows();
    await expect(waits(from)).resolves.toBe(false);
    expect(proxy.accepted - before).toBeLessThanOrEqual(1);
    await proxy.heal();
  }, 60_000);

  it("is so slow that one frame takes longer than a link bears silence: the link bears it", async () => {
    await pair.topic("bulk");
    await pair.publish(writeContract(pair.folder, { name: "bulk", topic: "bulk" }));
    const agreement = await pair.share("bulk");
    const replica = new Follower(pair.helixKafka.bootstrap, "aurora.bulk", numberOf);
    await pair.producer.send({ topic: "bulk", messages: [{ value: order(1) }] });
    await replica.until(({ length }) => length === 1);
    const from = pair.helix.tellings;
    proxy.weather({ bytesPerSecond: SLOW_BYTES_PER_SECOND });
    const messages = Array.from({ length: BULK }, (_, at) => ({ value: order(2 + at) }));
    await pair.producer.send({ topic: "bulk", messages });
    await replica.until(({ length }) => length > BULK / 2, 60_000);
    await expect(waits(from, agreement)).resolves.toBe(false);
    await proxy.heal();
    await replica.until(({ length }) => length === BULK + 1, 30_000);
    await replica.stop();
  }, 120_000);

  it(`has cost no record and doubled none (seed ${seed})`, async () => {
    expect(await traffic.differences()).toEqual([]);
  }, 60_000);

  /** Whether the link waited at any time since. */
  const waits = async (from: number, of = traffic.agreement): Promise<boolean> =>
    await waitsSince(from, 1, of).then(
      () => true,
      () => false,
    );
});
