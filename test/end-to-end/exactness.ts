import { expect } from "vitest";
import type { Company } from "../../dev/company/company.ts";
import { genesis } from "../../src/kernel/chain.ts";
import type { FrameDecision } from "../../src/kernel/decision.ts";
import { order, SUBSCRIBER } from "./contract.ts";
import { numberOf, readWhole, textOf } from "./follower.ts";
import { decisions, say } from "./operator.ts";
import { kafkaClient, type Pair } from "./pair.ts";

/** Every 10th is another supplier's, every 97th is no JSON. */
export function recordOf(number: number): string {
  if (number % 97 === 0) return `{"number": ${number}, "supplier": `;
  return order(number, number % 10 === 3 ? "BPNL0000000OTHER" : SUBSCRIBER);
}
export const isPermitted = (value: string | null): boolean => {
  try {
    return JSON.parse(value ?? "").supplier === SUBSCRIBER;
  } catch {
    return false;
  }
};

export const numberIn = ({ number }: { readonly number: number }): number => number;

/** The first place where two lists differ; undefined: they are the same. */
export function differenceOf(wanted: readonly number[], there: readonly number[]): object | undefined {
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
async function committedHeads(
  bootstrap: string,
  agreement: string,
  topic: string,
): Promise<ReadonlyMap<number, string>> {
  const admin = kafkaClient(bootstrap).admin();
  await admin.connect();
  try {
    const [offsets] = await admin.fetchOffsets({ groupId: `tiermesh.${agreement}`, topics: [topic] });
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

/** Where a stream comes from and where it goes: each a Kafka and a topic. */
interface Course {
  readonly from: readonly [bootstrap: string, topic: string];
  readonly to: readonly [bootstrap: string, topic: string];
  readonly partitions: number;
}

/** Every permitted record of the source is in the replica, once and in order; how many there are in the source. */
export async function expectExactlyOnce({ from, to, partitions }: Course): Promise<number> {
  const source = await readWhole(...from, (record, partition) => ({
    partition,
    value: textOf(record),
    number: numberOf(record),
  }));
  const replica = await readWhole(...to, (record, partition) => ({ partition, number: numberOf(record) }));
  for (let at = 0; at < partitions; at += 1) {
    const wanted = source.filter(({ partition, value }) => partition === at && isPermitted(value));
    const there = replica.filter(({ partition }) => partition === at);
    expect(differenceOf(wanted.map(numberIn), there.map(numberIn)), `partition ${at}`).toBeUndefined();
  }
  return source.length;
}

/** The publisher's decisions cover every source offset, along the chain that was committed. */
export async function expectCovered({ from, to, partitions }: Course, aurora: Company, agreement: string) {
  const frames = (await decisions(aurora, { agreement, kind: "frame" })) as readonly FrameDecision[];
  const heads = await committedHeads(to[0], agreement, to[1]);
  const source = await readWhole(...from, ({ offset }, partition) => ({ offset, partition }));
  expect(heads.size).toBe(partitions);
  for (const [partition, head] of heads) {
    const offsets = source.filter((each) => each.partition === partition).map(({ offset }) => offset);
    const covered = coveredBack(frames, agreement, partition, head);
    expect(covered, `partition ${partition}`).toEqual({ from: 0n, to: offsets.at(-1) });
  }
}

/** Each company finds its own log and the other's to say the same. */
export async function expectReconciled({ aurora, helix }: Pick<Pair, "aurora" | "helix">): Promise<void> {
  const said = await Promise.all([aurora, helix].map((each) => say(each, "audit", "reconcile")));
  expect(said.map(({ code, stdout, stderr }) => (code === 0 ? "agreed" : stdout + stderr))).toEqual([
    "agreed",
    "agreed",
  ]);
}
