import { LIMITS } from "../../kernel/limits.ts";
import type { Call } from "../call.ts";
import type { Context } from "../context.ts";
import { openFolder } from "../folder.ts";
import { UsageError } from "../refusal.ts";
import { NEWEST, type Newest, newestRecords } from "./newest.ts";

/** What `--last` asks for, from 1 to `NEWEST.recordsMax`; undefined: it was not given. Throws UsageError. */
export function lastOf(call: Call): number | undefined {
  const text = call.text("last");
  if (text === undefined) return undefined;
  const last = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  if (last >= 1 && last <= NEWEST.recordsMax) return last;
  throw new UsageError(`--last is not a whole number from 1 to ${NEWEST.recordsMax}.`);
}

/** The newest records of a source topic, from the Kafka that the folder's gateway.yaml names. Throws SOURCE_… and KAFKA_…. */
export async function topicRecords(
  topic: string,
  last: number,
  call: Call,
  context: Context,
): Promise<Newest> {
  const { kafka } = openFolder(call.text("folder"), context).gateway;
  // Loaded here: the commands that need files alone start without Kafka.
  const { kafkaTopicSource } = await import("../../kafka/topic-source.ts");
  const { recordCodec } = await import("../../kafka/record-codec.ts");
  const source = kafkaTopicSource(kafka);
  try {
    const newest = await newestRecords(source, recordCodec, topic, last);
    if (newest.records.length < last) context.err.write(`${noteOn(newest, topic, last)}\n`);
    return newest;
  } finally {
    source.close();
  }
}

const noteOn = ({ records, cut }: Newest, topic: string, last: number): string =>
  cut
    ? `The search in ${topic} ended after ${records.length} of ${last} records: it reads at most ${NEWEST.offsetsMax} offsets of a partition and ${NEWEST.bytesMax / LIMITS.documentBytesMax} MiB.`
    : `The topic ${topic} holds ${records.length} records.`;
