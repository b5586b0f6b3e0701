import { Cluster, type TopicMetadata } from "../../../src/kafka/cluster.ts";
import { FETCH, FETCH_SIZES, readFetch, writeFetch } from "../../../src/kafka/fetch-request.ts";
import { committedRun } from "../../../src/kafka/read-committed.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { settingsOf } from "./cluster.ts";

const MAX_WAIT_MS = 100;
const BATCH_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads a topic of one broker from its beginning, read_committed, without a pause between two fetches: what is seen here can
 * be seen by anyone. `onRecord` gets each value as soon as the answer that holds it is there. Ends with `signal`.
 */
export async function probe(
  bootstrap: string,
  name: string,
  onRecord: (value: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const cluster = new Cluster(settingsOf(bootstrap));
  try {
    const topic = await cluster.topic(name);
    if (topic === undefined) throw new Error(`There is no topic ${name} to read.`);
    const places = new Map(topic.leaders.map(({ partition }) => [partition, 0n]));
    while (!signal.aborted) await look(cluster, topic, places, onRecord);
  } finally {
    cluster.close();
  }
}

async function look(
  cluster: Cluster,
  topic: TopicMetadata,
  places: Map<number, bigint>,
  onRecord: (value: Uint8Array) => void,
): Promise<void> {
  const connection = await cluster.broker(topic.leaders[0]?.leader ?? 0, "probe");
  const rows = topic.leaders.map(({ partition, leaderEpoch }) => ({
    partition,
    offset: places.get(partition) ?? 0n,
    currentLeaderEpoch: leaderEpoch,
    lastFetchedEpoch: -1,
  }));
  const write = () => writeFetch(topic.topicId, rows, MAX_WAIT_MS, FETCH_SIZES);
  const answer = await connection.send(`look at the topic ${topic.name}`, FETCH, write, readFetch);
  for (const { partition, records, aborted } of answer.partitions) {
    const from = places.get(partition) ?? 0n;
    if (records === null) continue;
    const run = committedRun(records, aborted, from, `the topic ${topic.name}`);
    places.set(partition, run.nextOffset);
    for (const batch of run.batches)
      for (const { value } of recordCodec.decode(batch, from, BATCH_BYTES_MAX))
        if (value !== null) onRecord(value);
  }
}
