import { genesis } from "../../src/kernel/chain.ts";
import type { FrameDecision } from "../../src/kernel/decision.ts";
import { order, SUBSCRIBER } from "./contract.ts";
import { kafkaClient } from "./pair.ts";

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
export async function committedHeads(
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
export function coveredBack(
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
