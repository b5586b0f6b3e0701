import { agreementOf } from "../../kernel/chain.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { RecordCodec, SourcePosition, TopicDescription, TopicSource } from "../../kernel/ports.ts";
import type { KafkaRecord } from "../../kernel/record.ts";
import { PLACE } from "../../mesh/provenance.ts";
import type { ClaimedPlace } from "./places.ts";

/** How many offsets from the end are looked at first; each time after that, eight times as many. */
const FIRST_SPAN = 64n;
const GROWTH = 8n;

/** The last record that a link wrote into a partition of its replica; a replay's are passed over. */
export interface ReplicaTail {
  readonly partition: number;
  /** What the record says of itself; undefined: nothing, so it is none of a link's. */
  readonly claim: ClaimedPlace | undefined;
  /** Ms since 1970, as the record has it. */
  readonly timestamp: number;
}

export interface ReplicaTailPorts {
  readonly source: TopicSource;
  readonly codec: RecordCodec;
}

/** The tails of the partitions that hold a record. Reads from the end, and no more than it must. Throws SOURCE_…. */
export async function replicaTails(
  topicName: string,
  ports: ReplicaTailPorts,
): Promise<readonly ReplicaTail[]> {
  const { source } = ports;
  const topic = await source.describe(topicName);
  const starts = await source.positions(topicName, "earliest");
  const ends = new Map(
    (await source.positions(topicName, "latest")).map((each) => [each.partition, each.offset]),
  );
  const tails: ReplicaTail[] = [];
  for (const start of starts) {
    const tail = await tailOf(topic, start, ends.get(start.partition) ?? 0n, ports);
    if (tail !== undefined) tails.push(tail);
  }
  return tails;
}

async function tailOf(
  topic: TopicDescription,
  start: SourcePosition,
  end: bigint,
  ports: ReplicaTailPorts,
): Promise<ReplicaTail | undefined> {
  const { partition, offset: first } = start;
  let upTo = end;
  for (let span = FIRST_SPAN; upTo > first; span *= GROWTH) {
    const from = laterOf(first, upTo - span);
    const found = await lastBetween(topic, { ...start, offset: from }, upTo, ports);
    if (found !== undefined) return { partition, claim: claimOf(found), timestamp: Number(found.timestamp) };
    upTo = from;
  }
  return undefined;
}

const laterOf = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** The last record from a position up to an offset that is no replay's. */
async function lastBetween(
  topic: TopicDescription,
  from: SourcePosition,
  upTo: bigint,
  { source, codec }: ReplicaTailPorts,
): Promise<KafkaRecord | undefined> {
  const stop = new AbortController();
  let last: KafkaRecord | undefined;
  try {
    for await (const run of source.read(topic, [from], stop.signal)) {
      if ("error" in run) throw run.error;
      for (const batch of run.batches)
        for (const record of codec.decode(batch, from.offset, LIMITS.batchPlainBytesMax))
          if (record.offset < upTo && !isReplayed(record)) last = record;
      if (run.next.offset >= upTo) return last;
    }
    return last;
  } finally {
    stop.abort();
  }
}

const isReplayed = (record: KafkaRecord): boolean => {
  const chain = textOf(record, "ce_meshagreement");
  return chain !== undefined && agreementOf(chain) !== chain;
};

function claimOf(record: KafkaRecord): ClaimedPlace | undefined {
  const agreement = textOf(record, "ce_meshagreement");
  const place = textOf(record, PLACE);
  return agreement === undefined || place === undefined ? undefined : { agreement, place };
}

const textOf = ({ headers }: KafkaRecord, name: string): string | undefined => {
  const value = headers.find(([header]) => header === name)?.[1];
  return value === undefined || value === null ? undefined : Buffer.from(value).toString("utf8");
};
