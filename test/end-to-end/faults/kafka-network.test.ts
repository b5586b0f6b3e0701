import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultProxy } from "../../support/fault-proxy.ts";
import { Pair } from "../pair.ts";
import { printedSeed, seeded } from "../seeded.ts";
import { farKafka } from "./far-kafka.ts";
import { Traffic } from "./traffic.ts";

const CUTS = 12;
/** The next cut comes at most so long after records came again, ms: in the middle of whatever is under way. */
const WHOLE_MS_MAX = 300;
const FAR_MS = 6_000;
/** So often a transaction begins, that a cut finds one. */
const SLICE_MS = 25;

/** What nobody answers counts as away within ten seconds; then the gateway says so. */
const GONE_MS = 15_000;
const UNAVAILABLE = /^(KAFKA|AUDIT)_UNAVAILABLE$/;

describe("The network between a subscriber's gateway and its own broker, under load", () => {
  const seed = printedSeed("kafka-network");
  const random = seeded(seed);
  let pair: Pair;
  let proxy: FaultProxy;
  let traffic: Traffic;

  beforeAll(async () => {
    const far = await farKafka(random);
    proxy = far.proxy;
    pair = await Pair.start({ helixKafka: far.kafka });
    traffic = await Traffic.start(pair, { topic: "orders", sliceMs: SLICE_MS });
  }, 120_000);
  afterAll(async () => {
    await traffic?.replica.stop();
    await pair?.stop();
  });

  it("is cut again and again, in the middle of transactions: the link goes on", async () => {
    for (let cut = 0; cut < CUTS; cut += 1) {
      await sleep(random() * WHOLE_MS_MAX);
      proxy.cut();
      await traffic.flows();
    }
  }, 90_000);

  it("falls silent: without an answer for too long the gateway lets go of all, begins anew, and the link goes on by itself", async () => {
    const from = pair.helix.tellings;
    proxy.silence();
    const isGone = ({ name = "", code = "" }): boolean =>
      name === "gateway.stopped" || UNAVAILABLE.test(code);
    try {
      await pair.helix.told(isGone, { from, patienceMs: GONE_MS });
    } finally {
      await proxy.heal();
    }
    await traffic.flows();
  }, 120_000);

  it("takes 50 ms each way and loses every 50th chunk: the stream goes on, and waits for nothing else", async () => {
    const from = pair.helix.tellings;
    proxy.weather({ delayMs: 50, lossShare: 0.02 });
    await sleep(FAR_MS);
    await traffic.flows();
    const waited = pair.helix.told(({ state }) => state === "waiting", { from, patienceMs: 1 });
    await expect(waited).rejects.toThrow(/did not say it/);
    await proxy.heal();
  }, 60_000);

  it(`has cost no record and doubled none (seed ${seed})`, async () => {
    expect(await traffic.differences()).toEqual([]);
  }, 60_000);
});
