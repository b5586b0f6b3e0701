import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActDecision } from "../../src/kernel/decision.ts";
import { hear, open } from "./caller.ts";
import { AURORA, HELIX, order, SUBSCRIBER, writeContract } from "./contract.ts";
import { Follower, numberOf, readWhole } from "./follower.ts";
import { Load } from "./load.ts";
import { act, decisions, link, rows } from "./operator.ts";
import { Pair } from "./pair.ts";

const PER_SECOND = 2_000;
const CUT_MS_MAX = 1_000;
/** After the cut, so long nothing more may come. */
const WATCH_MS = 1_200;
const STREAMS = ["live", "backlog", "stalled", "paused", "left"];

/** Helix's Kafka stamps each record as it is appended, so that the replica itself tells when it was written. */
const APPEND_TIME = { "log.message.timestamp.type": "LogAppendTime" };

describe("An agreement that is ended under load", () => {
  let pair: Pair;
  let follower: Follower<number>;
  let load: Load;
  let live = "";

  beforeAll(async () => {
    pair = await Pair.start({ settings: APPEND_TIME });
    await Promise.all(STREAMS.map((name) => pair.topic(name)));
    await pair.publish(...STREAMS.map((name) => writeContract(pair.folder, { name, topic: name })));
    live = await pair.share("live");
    follower = new Follower(pair.helixKafka.bootstrap, "aurora.live", numberOf);
    load = new Load(pair.producer, "live", PER_SECOND, (number) => ({
      value: order(number, number % 10 === 3 ? "BPNL0000000OTHER" : SUBSCRIBER),
    }));
    await follower.until(({ length }) => length > 500);
  }, 120_000);
  afterAll(async () => {
    await load?.stop();
    await follower?.stop();
    await pair?.stop();
  });

  it("stops within a second when it is suspended, and goes on without gap or double when it is resumed", async () => {
    await act(pair.aurora, live, "suspend", "a look at the figures");
    const suspended = await decidedAt(pair, live, "agreement.suspended");
    await pair.helix.told(({ state, code }) => state === "stopped" && code === "suspended");
    await sleep(WATCH_MS);
    expect(await appendedLast(pair, "live")).toBeLessThanOrEqual(suspended + CUT_MS_MAX);
    const held = follower.entries.length;
    await act(pair.aurora, live, "resume");
    await follower.until(({ length }) => length > held + PER_SECOND * 2);
    expect(firstFault(follower.entries)).toBeUndefined();
  }, 60_000);

  it("stores nothing more than a second after the revocation was decided, and both logs say so", async () => {
    const before = follower.entries.length;
    await follower.until(({ length }) => length > before + 500);
    await act(pair.aurora, live, "revoke", "test of the brakes");
    const answered = Date.now();
    const revoked = await decidedAt(pair, live, "agreement.revoked");
    await sleep(WATCH_MS);
    expect(revoked).toBeLessThanOrEqual(answered);
    expect(await appendedLast(pair, "live")).toBeLessThanOrEqual(revoked + CUT_MS_MAX);
    const [ours, theirs] = await Promise.all(
      [pair.aurora, pair.helix].map(async (company) => await actsOf(company, live, "agreement.revoked")),
    );
    expect(ours).toMatchObject([{ actor: "operator", partner: HELIX, note: "test of the brakes" }]);
    expect(theirs).toMatchObject([{ actor: AURORA, partner: AURORA }]);
    expect(firstFault(follower.entries)).toBeUndefined();
  }, 60_000);

  it("is refused afterwards, whoever asks and after a restart of either side", async () => {
    const path = `/v1/agreements/${live}/stream`;
    const asked = await Promise.all([
      hear(pair.helix, pair.aurora, "GET", path),
      hear(pair.helix, pair.aurora, "POST", path, { cursors: {} }),
    ]);
    for (const { status, body } of asked) {
      expect(status).toBe(403);
      expect(JSON.parse(body)).toMatchObject({ code: "AGREEMENT_NOT_IN_FORCE" });
    }
    await Promise.all([pair.aurora.stop(), pair.helix.stop()]);
    await Promise.all([pair.aurora.serve(), pair.helix.serve()]);
    const stored = follower.entries.length;
    await sleep(WATCH_MS);
    expect(follower.entries.length).toBe(stored);
    expect(await link(pair.helix, live)).toMatchObject({ state: "revoked", records: 0 });
    await expect(act(pair.aurora, live, "resume")).rejects.toMatchObject({ code: "PARTNER_REFUSED" });
    await expect(act(pair.aurora, live, "approve")).rejects.toMatchObject({ code: "PARTNER_REFUSED" });
  }, 60_000);

  it("stops within a second also where megabytes are under way", async () => {
    await load.stop();
    await fill(pair, "backlog", 40_000);
    const agreement = await pair.share("backlog");
    const replica = new Follower(pair.helixKafka.bootstrap, "aurora.backlog", ({ offset }) => offset);
    await replica.until(({ length }) => length > 0);
    await act(pair.aurora, agreement, "revoke", "in the middle");
    const revoked = await decidedAt(pair, agreement, "agreement.revoked");
    await sleep(WATCH_MS);
    await replica.stop();
    expect(await appendedLast(pair, "backlog")).toBeLessThanOrEqual(revoked + CUT_MS_MAX);
    expect(replica.entries.length).toBeLessThan(40_000);
  }, 60_000);

  it("stays suspended when its subscriber suspends it", async () => {
    const agreement = await pair.share("paused");
    const writing = new Load(pair.producer, "paused", PER_SECOND, (number) => ({ value: order(number) }));
    const replica = new Follower(pair.helixKafka.bootstrap, "aurora.paused", numberOf);
    await replica.until(({ length }) => length > 500);
    await act(pair.helix, agreement, "suspend", "our Kafka moves");
    const suspended = Date.now();
    await sleep(CUT_MS_MAX + WATCH_MS);
    await writing.stop();
    await replica.stop();
    expect(await appendedLast(pair, "paused")).toBeLessThanOrEqual(suspended + CUT_MS_MAX);
    const row = (await rows(pair.helix, "agreements")).find(({ id }) => id === agreement);
    expect(row).toMatchObject({ status: "suspended" });
  }, 60_000);

  it("stops within a second when its subscriber leaves, and stays so", async () => {
    const agreement = await pair.share("left");
    const writing = new Load(pair.producer, "left", PER_SECOND, (number) => ({ value: order(number) }));
    const replica = new Follower(pair.helixKafka.bootstrap, "aurora.left", numberOf);
    await replica.until(({ length }) => length > 500);
    await act(pair.helix, agreement, "revoke", "not needed any more");
    const revoked = Date.now();
    await sleep(WATCH_MS);
    await writing.stop();
    await replica.stop();
    expect(await appendedLast(pair, "left")).toBeLessThanOrEqual(revoked + CUT_MS_MAX);
    expect(await actsOf(pair.helix, agreement, "agreement.revoked")).toMatchObject([{ actor: "operator" }]);
    expect(await actsOf(pair.aurora, agreement, "agreement.revoked")).toMatchObject([{ actor: HELIX }]);
  }, 60_000);

  it("is cut at the publisher although its reader takes nothing any more", async () => {
    await fill(pair, "stalled", 40_000);
    const agreement = await pair.share("stalled");
    await pair.helix.told(({ agreement: about, state }) => about === agreement && state === "running");
    await pair.helix.stop();
    const reader = await open(pair.helix, pair.aurora, "POST", `/v1/agreements/${agreement}/stream`, {
      cursors: {},
    });
    expect(reader.statusCode).toBe(200);
    reader.pause();
    await stalled(pair, agreement);
    await act(pair.aurora, agreement, "revoke", "nobody reads");
    await sleep(CUT_MS_MAX);
    const served = (await rows(pair.aurora, "links")).find((row) => row.agreement === agreement);
    reader.on("error", () => undefined).destroy();
    expect(served).toMatchObject({ state: "idle" });
  }, 60_000);
});

const actsOf = async (
  company: Pair["aurora"],
  agreement: string,
  name: string,
): Promise<readonly ActDecision[]> =>
  (await decisions(company, { agreement, act: name })) as readonly ActDecision[];

/** When Aurora's log says that it was decided, ms since 1970. */
async function decidedAt(pair: Pair, agreement: string, name: string): Promise<number> {
  const [decision] = await actsOf(pair.aurora, agreement, name);
  return Date.parse(decision?.time ?? "");
}

/** When the last committed record was appended to a replica, ms since 1970. */
async function appendedLast(pair: Pair, stream: string): Promise<number> {
  const times = await readWhole(pair.helixKafka.bootstrap, `aurora.${stream}`, ({ timestamp }) =>
    Number(timestamp),
  );
  return times.reduce((latest, time) => Math.max(latest, time), 0);
}

/** Where the numbers of a replica leave what the load wrote and the contract permits; undefined: nowhere. */
function firstFault(numbers: readonly number[]): object | undefined {
  let wanted = 0;
  for (const [place, number] of numbers.entries()) {
    if (wanted % 10 === 3) wanted += 1;
    if (number !== wanted) return { place, wanted, number };
    wanted += 1;
  }
  return undefined;
}

/** Resolves when the publisher sends nothing more on a stream, although there is more. */
async function stalled(pair: Pair, agreement: string): Promise<void> {
  const sent = async () =>
    (await rows(pair.aurora, "links")).find((row) => row.agreement === agreement)?.records;
  for (let before = await sent(), same = 0; same < 5; ) {
    await sleep(100);
    const now = await sent();
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

async function fill(pair: Pair, topic: string, count: number): Promise<void> {
  for (let at = 0; at < count; at += 500) {
    const messages = Array.from({ length: 500 }, (_, index) => ({ value: order(at + index) }));
    await pair.producer.send({ topic, messages });
  }
}
