import { recordCodec } from "../../src/kafka/record-codec.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { SourceBatch, TopicSource } from "../../src/kernel/ports.ts";
import type { KafkaRecord } from "../../src/kernel/record.ts";
import type { Feed } from "./feed.ts";

/** `<partner>.<stream>` in the subscriber's Kafka. */
export const replicaOf = ({ from, contract }: Feed): string => `${from}.${contract}`;

export const recordsOf = ({ batches, from }: SourceBatch): readonly KafkaRecord[] =>
  batches.flatMap((batch) => recordCodec.decode(batch, from.offset, LIMITS.batchPlainBytesMax));

/** All committed records of a topic, as of now: partition → records. A record in an open transaction is not there. */
export async function readWhole(
  source: TopicSource,
  topic: string,
): Promise<ReadonlyMap<number, readonly KafkaRecord[]>> {
  const description = await source.describe(topic);
  const ends = new Map(
    (await source.positions(topic, "latest")).map(({ partition, offset }) => [partition, offset]),
  );
  const starts = await source.positions(topic, "earliest");
  const whole = new Map<number, KafkaRecord[]>(starts.map(({ partition }) => [partition, []]));
  const open = new Set(
    starts
      .filter(({ partition, offset }) => offset < (ends.get(partition) ?? 0n))
      .map(({ partition }) => partition),
  );
  if (open.size === 0) return whole;
  for await (const run of soundRuns(source.read(description, starts, new AbortController().signal))) {
    const { partition, offset } = run.next;
    whole.get(partition)?.push(...recordsOf(run));
    if (offset >= (ends.get(partition) ?? 0n)) open.delete(partition);
    if (open.size === 0) break;
  }
  return whole;
}
