import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { countRecords, makeTopic } from "./cluster.ts";
import { demandEvents, meanBytes } from "./events.ts";
import { javaTool } from "./java.ts";
import type { RaceOptions } from "./options.ts";

/** What every contestant reads. The contracts of the race name it, too. */
export const SOURCE_TOPIC = "race.demand";

/** How the source's producer batches: as a company that tuned it, or one that took the defaults of an old client. */
const PRODUCERS = {
  lz4: ["compression.type=lz4", "batch.size=65536", "linger.ms=5"],
  none: ["compression.type=none", "batch.size=5120", "linger.ms=0"],
} as const;

export type SourceShape = keyof typeof PRODUCERS;

/** A topic with all that the race is about. */
export interface Loaded {
  readonly records: number;
  /** Bytes of a value, on average. */
  readonly bytesEach: number;
}

const PRODUCER = "org.apache.kafka.tools.ProducerPerformance";

/** Makes the source topic and fills it with Kafka's own producer. Throws when it does not hold what was asked for. */
export async function loadSource(
  bootstrap: string,
  { records, recordBytes, partitions, source }: RaceOptions,
  folder: string,
  signal: AbortSignal,
): Promise<Loaded> {
  const events = demandEvents(recordBytes);
  const file = join(folder, "events.ndjson");
  await writeFile(file, events.join("\n"));
  await makeTopic(bootstrap, SOURCE_TOPIC, partitions);
  const args = ["--bootstrap-server", bootstrap, "--topic", SOURCE_TOPIC, "--payload-file", file];
  args.push("--num-records", String(records), "--throughput", "-1");
  args.push("--command-property", "acks=1", ...PRODUCERS[source]);
  await javaTool(PRODUCER, args, join(folder, "load.log"), signal);
  const found = await countRecords(bootstrap, SOURCE_TOPIC, signal);
  if (found !== records)
    throw new Error(`The source topic holds ${found} records, and ${records} were written.`);
  return { records, bytesEach: meanBytes(events) };
}
