import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { genesis } from "../../src/kernel/chain.ts";
import type { FrameDecision } from "../../src/kernel/decision.ts";
import { order, SUBSCRIBER, writeContract } from "./contract.ts";
import { Follower, numberOf, readWhole, textOf } from "./follower.ts";
import { Load } from "./load.ts";
import { decisions } from "./operator.ts";
import { kafkaClient, Pair } from "./pair.ts";
import { printedSeed, seeded } from "./seeded.ts";

const TOPIC = "orders";
const REPLICA = `aurora.${TOPIC}`;
const PARTITIONS = 4;
const PER_SECOND = 2_000;
const KILLS = 20;
/** A gateway lives at most this long after it was seen to carry records. */
const LIFE_MS_MAX = 700;
/** The last record of each partition, so that the end is seen to have come. */
const LAST = 1_000_000_000;

/** Every 10th is another supplier's, every 97th is no JSON. */
function recordOf(number: number): string {
  if (number % 97 === 0) return `{"number": ${number}, "supplier": `;
  return order(number, number % 10 === 3 ? "BPNL0000000OTHER" : SUBSCRIBER);
}
const isPermitted = (value: string | null): boolean => {
  try {
    return JSON.parse(value ?? "").supplier === SUBSCRIBER;
  } catch {
    return false;
  }
};

describe("A gateway that is killed with SIGKILL again and again, under load", () => {
  const seed = printedSeed("exactly-once");
  const random = seeded(seed);
  let pair: Pair;
  let agreement = "";

  beforeAll(async () => {
    pair = await Pair.start();
    await pair.topic(TOPIC, PARTITIONS);
    await pair.publish(writeContract(pair.folder, { name: TOPIC, topic: TOPIC }));
    agreement = await pair.share(TOPIC);
    const replica = new Follower(pair.helixKafka.bootstrap, REPLICA, (record) => record.offset);
    const load = new Load(pair.producer, TOPIC, PER_SECOND, (number) => ({
      partition: number % PARTITIONS,
      key: `k${number % 100}`,
      value: recordOf(number),
    }));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = replica.entries.length;
      await replica.until(({ length }) => length > before, 60_000);
      await sleep(random() * LIFE_MS_MAX);
      const victim = kill % 2 === 0 ? pair.aurora : pair.helix;
      await victim.kill();
      await victim.serve();
    }
    await load.stop();
    const last = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      value: order(LAST + partition),
    }));
    await pair.producer.send({ topic: TOPIC, messages: last });
    await replica.stop();
    const ends = new Follower(pair.helixKafka.bootstrap, REPLICA, numberOf);
    await ends.until((numbers) => numbers.filter((number) => number >= LAST).length >= PARTITIONS, 60_000);
    await ends.stop();
  }, 240_000);
  afterAll(async () => await pair?.stop());

  it(`leaves every permitted record in the replica exactly once and in order (seed ${seed})`, async () => {
    const source = await readWhole(pair.auroraKafka.bootstrap, TOPIC, (record, partition) => ({
      partition,
      value: textOf(record),
      number: numberOf(record),
    }));
    const replica = await readWhole(pair.helixKafka.bootstrap, REPLICA, (record, partition) => ({
      partition,
      number: numberOf(record),
    }));
    expect(source.length).toBeGreaterThan(PER_SECOND * 10);
    for (let at = 0; at < PARTITIONS; at += 1) {
      const wanted = source.filter(({ partition, value }) => partition === at && isPermitted(value));
      const there = replica.filter(({ partition }) => partition === at);
      expect(differenceOf(wanted.map(numberIn), there.map(numberIn)), `partition ${at}`).toBeUndefined();
    }
  }, 60_000);

  it("leaves a decision on every source offset along the chain that was committed", async () => {
    const frames = (await decisions(pair.aurora, { agreement, kind: "frame" })) as readonly FrameDecision[];
    const heads = await committedHeads(pair, agreement);
    const source = await readWhole(pair.auroraKafka.bootstrap, TOPIC, ({ offset }, partition) => ({
      offset,
      partition,
    }));
    expect(heads.size).toBe(PARTITIONS);
    for (const [partition, head] of heads) {
      const offsets = source.filter((each) => each.partition === partition).map(({ offset }) => offset);
      const covered = coveredBack(frames, agreement, partition, head);
      expect(covered, `partition ${partition}`).toEqual({ from: 0n, to: offsets.at(-1) });
    }
  }, 60_000);

  it("leaves two logs that reconcile", async () => {
    const { aurora, helix } = pair;
    const said = await Promise.all(
      [aurora, helix].map((each) => each.run("audit", "reconcile", "-C", each.folder)),
    );
    expect(said.map(({ code, stdout, stderr }) => (code === 0 ? "agreed" : stdout + stderr))).toEqual([
      "agreed",
      "agreed",
    ]);
  }, 60_000);
});

const numberIn = ({ number }: { readonly number: number }): number => number;

/** The first place where two lists differ; undefined: they are the same. */
function differenceOf(wanted: readonly number[], there: readonly number[]): object | undefined {
  const at = wanted.findIndex((number, index) => there[index] !== number);
  if (at < 0 && wanted.length === there.length) return undefined;
  const place = at < 0 ? wanted.length : at;
  return {
    place,
    wanted: wanted.slice(place, place + 5),
    there: there.slice(place, place + 5),
    counts: [wanted.length, there.length],
  };
}

/** Partition → digest of the last frame that the subscriber's Kafka says is committed, read with another client. */
async function committedHeads(pair: Pair, agreement: string): Promise<ReadonlyMap<number, string>> {
  const admin = kafkaClient(pair.helixKafka.bootstrap).admin();
  await admin.connect();
  try {
    const [offsets] = await admin.fetchOffsets({ groupId: `tiermesh.${agreement}`, topics: [REPLICA] });
    const rows = offsets?.partitions ?? [];
    return new Map(rows.map(({ partition, metadata }) => [partition, metadata?.split(" ")[0] ?? ""]));
  } finally {
    await admin.disconnect();
  }
}

/**
 * The source offsets that the publisher's decisions cover from a frame back to the chain's beginning, as one range; throws
 * where they leave a gap, overlap or break. A frame sent again may have been decided with another run of denials before it.
 */
function coveredBack(
  frames: readonly FrameDecision[],
  agreement: string,
  partition: number,
  head: string,
): { readonly from: bigint; readonly to: bigint } {
  const versions = Map.groupBy(frames, ({ frame }) => frame);
  let to: bigint | undefined;
  let before: bigint | undefined;
  for (let at = head; at !== genesis(agreement, partition); ) {
    const found = versions.get(at) ?? [];
    const previous = found[0]?.previous;
    if (previous === undefined) throw new Error(`The publisher's log does not know the frame ${at}.`);
    at = previous;
    const ranges = found.flatMap(({ summary }) =>
      summary === undefined ? [] : [{ first: BigInt(summary.firstOffset), last: BigInt(summary.lastOffset) }],
    );
    // The first frame of a chain holds nothing: it only gives the subscriber its first cursor.
    if (ranges.length === 0) continue;
    const fits = ranges.find(({ last }) => before === undefined || last === before - 1n);
    if (fits === undefined)
      throw new Error(`No decision ends at ${before} where the next begins; there are ${ranges.length}.`);
    to ??= fits.last;
    before = fits.first;
  }
  return { from: before ?? -1n, to: to ?? -1n };
}
