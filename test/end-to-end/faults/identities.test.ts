import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Company } from "../../../dev/company/company.ts";
import { freePorts } from "../../../dev/kafka/ports.ts";
import { HELIX } from "../contract.ts";
import { mustSay } from "../operator.ts";
import { Pair } from "../pair.ts";
import { introduce } from "./proxied-pair.ts";
import { Traffic } from "./traffic.ts";
import { twiceCertified } from "./twice-certified.ts";

/** Transactional ids expire while a test waits. */
const EXPIRES_MS = 1_500;
const HOUR_MS = 3_600_000;
const EXPIRING = {
  "transactional.id.expiration.ms": String(EXPIRES_MS),
  "transaction.remove.expired.transaction.cleanup.interval.ms": "200",
  "producer.id.expiration.ms": String(EXPIRES_MS),
};

describe("Who a gateway is, while a link runs", () => {
  let pair: Pair;
  let traffic: Traffic;
  let key = "";
  let valid = "";
  let expired = "";

  beforeAll(async () => {
    ({ key, valid, expired } = await twiceCertified());
    pair = await Pair.start({ settings: EXPIRING });
    traffic = await Traffic.start(pair, { topic: "orders" });
  }, 120_000);
  afterAll(async () => {
    await traffic?.replica.stop();
    await pair?.stop();
  });

  it("may be claimed by two: the one that comes later fences the other, which says LINK_FENCED, and the stream goes on", async () => {
    const twin = await twinOf(pair);
    const from = pair.helix.tellings;
    await twin.serve();
    try {
      await pair.helix.told(({ code }) => code === "LINK_FENCED", { from });
      await traffic.flows();
    } finally {
      await twin.stop();
    }
    await traffic.flows();
  }, 60_000);

  it("is no other's who finds the address taken: it ends, and has not touched a link", async () => {
    const twin = await twinOf(pair, "late", Number(new URL(pair.helix.url).port));
    const from = pair.helix.tellings;
    await expect(twin.serve()).rejects.toThrow(/EADDRINUSE/);
    expect(twin.running).toBe(false);
    await traffic.flows();
    await expect(
      pair.helix.told(({ code }) => code === "LINK_FENCED", { from, patienceMs: 1 }),
    ).rejects.toThrow(/did not say it/);
  }, 60_000);

  it("is forgotten by the broker when the transactional id expires: the link takes it anew and goes on", async () => {
    const from = pair.helix.tellings;
    await traffic.pauses(() => sleep(3 * EXPIRES_MS));
    await pair.helix.told(({ code }) => code === "LINK_FENCED", { from });
    await traffic.flows();
  }, 60_000);

  it("is another TLS key than the card says: PARTNER_KEY_MISMATCH until the new card is accepted", async () => {
    const from = pair.helix.tellings;
    await replaceTls(pair.aurora, key, valid);
    await pair.helix.told(({ state, code }) => state === "waiting" && code === "PARTNER_KEY_MISMATCH", {
      from,
    });
    await mustSay(pair.aurora, "card");
    await introduce(pair.helix, pair.aurora, "aurora");
    await traffic.flows();
  }, 60_000);

  it("is the same key in a certificate that has expired: the key counts, and the link goes on", async () => {
    await replaceTls(pair.aurora, key, expired);
    await traffic.flows();
  }, 60_000);

  it("has the wrong time, an hour early or late: the link goes on", async () => {
    await restartAt(pair.aurora, HOUR_MS);
    await traffic.flows();
    for (const aheadMs of [HOUR_MS, -HOUR_MS, 0]) {
      await restartAt(pair.helix, aheadMs);
      await traffic.flows();
    }
  }, 120_000);

  it("has the wrong time, and the agreement has not begun yet by it: AGREEMENT_NOT_IN_FORCE until the clock is right", async () => {
    const from = pair.helix.tellings;
    await restartAt(pair.aurora, -HOUR_MS);
    const said = await pair.helix.told(({ code }) => code === "AGREEMENT_NOT_IN_FORCE", { from });
    expect(said.state).toBe("stopped");
    await restartAt(pair.aurora, 0);
    await traffic.flows();
  }, 120_000);

  it("costs no record and doubles none", async () => {
    expect(await traffic.differences()).toEqual([]);
  }, 60_000);
});

/** Another gateway with the keys of Helix and its Kafka. */
/** Helix's gateway once more: with an address of its own, if it is not told one. */
async function twinOf({ folder, helix, helixKafka }: Pair, name = "twin", at?: number): Promise<Company> {
  const port = at ?? (await freePorts(1))[0] ?? 0;
  const fields = { id: HELIX, name: helix.name, kafka: helixKafka.bootstrap, port };
  const twin = await Company.init(folder, name, fields);
  for (const file of ["keys", "card.yaml"])
    cpSync(join(helix.folder, file), join(twin.folder, file), { recursive: true });
  return twin;
}

/** Restarts the gateway of a company with another TLS key and certificate. */
async function replaceTls(company: Company, key: string, cert: string): Promise<void> {
  await company.stop();
  const keys = join(company.folder, "keys");
  writeFileSync(join(keys, "tls.key.pem"), key);
  writeFileSync(join(keys, "tls.cert.pem"), cert);
  await company.serve();
}

const CLOCK = fileURLToPath(new URL("shifted-clock.mjs", import.meta.url));

/** Restarts the gateway of a company with a clock that is wrong. */
async function restartAt(company: Company, aheadMs: number): Promise<void> {
  await company.stop();
  const before = process.env.NODE_OPTIONS ?? "";
  process.env.CLOCK_AHEAD_MS = String(aheadMs);
  process.env.NODE_OPTIONS = `${before} --import=${CLOCK}`;
  try {
    await company.serve();
  } finally {
    process.env.NODE_OPTIONS = before;
  }
}
