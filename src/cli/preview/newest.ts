import { soundRuns } from "../../kafka/sound-runs.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { RecordCodec, SourcePosition, TopicDescription, TopicSource } from "../../kernel/ports.ts";
import type { KafkaRecord } from "../../kernel/record.ts";

/** A record of a topic, and where it stands there. */
export interface PlacedRecord {
  readonly partition: number;
  readonly record: KafkaRecord;
}

export interface Newest {
  readonly topic: TopicDescription;
  /** By timestamp, then by place: the newest last. */
  readonly records: readonly PlacedRecord[];
  /** Whether the search ended before it had as many as were asked for, or came to the topic's start. */
  readonly cut: boolean;
}

/** Bounds of one search. */
export const NEWEST = {
  recordsMax: 1000,
  /** Key, value and headers of the records kept. */
  bytesMax: 64 * 1024 * 1024,
  /** Offsets looked at in a partition: aborted and compacted ones have no record. */
  offsetsMax: 1_000_000,
} as const;

/**
 * The newest records of a topic, as a read_committed consumer sees them: from each partition its newest `count`, of all those the
 * newest by timestamp. It looks back from the end in growing steps, because not every offset has a record. Throws SOURCE_… and KAFKA_….
 */
export async function newestRecords(
  source: TopicSource,
  codec: RecordCodec,
  name: string,
  count: number,
  bounds: { readonly bytesMax: number; readonly offsetsMax: number } = NEWEST,
): Promise<Newest> {
  const topic = await source.describe(name);
  const [starts, ends] = [await source.positions(name, "earliest"), await source.positions(name, "latest")];
  let found: readonly PlacedRecord[] = [];
  let cut = false;
  for (const end of ends) {
    const start = starts.find(({ partition }) => partition === end.partition)?.offset ?? end.offset;
    let kept: readonly KafkaRecord[] = [];
    let upTo = end.offset;
    let isFull = false;
    for (let step = BigInt(count); kept.length < count && upTo > start && !isFull; step *= 4n) {
      if (end.offset - upTo >= BigInt(bounds.offsetsMax)) break;
      let offset = upTo - step;
      if (offset < start) offset = start;
      const from = { ...end, offset };
      const window = new Window(count - kept.length, bounds.bytesMax - sizeOfAll(kept));
      await readSpan(source, codec, topic, from, upTo, window);
      kept = [...window.records, ...kept];
      isFull = window.isFull;
      upTo = offset;
    }
    const { partition } = end;
    const all = [...found, ...kept.map((record) => ({ partition, record }))].sort(byTime).slice(-count);
    found = within(bounds.bytesMax, all);
    cut ||= isFull || (kept.length < count && upTo > start) || found.length < all.length;
  }
  return { topic, records: found, cut: cut && found.length < count };
}

/** As many of the last ones as have room. */
function within(bytesMax: number, records: readonly PlacedRecord[]): readonly PlacedRecord[] {
  let bytes = 0;
  const start = records.findLastIndex(({ record }) => {
    bytes += sizeOf(record);
    return bytes > bytesMax;
  });
  return records.slice(start + 1);
}

/** The last ones of what is put into it, within bounds. */
class Window {
  readonly records: KafkaRecord[] = [];
  /** Whether one had to go for its bytes. */
  isFull = false;
  #bytes = 0;
  readonly #recordsMax: number;
  readonly #bytesMax: number;

  constructor(recordsMax: number, bytesMax: number) {
    this.#recordsMax = recordsMax;
    this.#bytesMax = bytesMax;
  }

  put(record: KafkaRecord): void {
    this.records.push(copyOf(record));
    this.#bytes += sizeOf(record);
    while (this.records.length > this.#recordsMax || this.#bytes > this.#bytesMax) {
      this.isFull ||= this.records.length <= this.#recordsMax;
      const oldest = this.records.shift();
      if (oldest === undefined) return;
      this.#bytes -= sizeOf(oldest);
    }
  }
}

/** Puts the records between two offsets into the window, in their order. */
async function readSpan(
  source: TopicSource,
  codec: RecordCodec,
  topic: TopicDescription,
  from: SourcePosition,
  upTo: bigint,
  window: Window,
): Promise<void> {
  const stop = new AbortController();
  for await (const { batches, from: at, next } of soundRuns(source.read(topic, [from], stop.signal))) {
    const records = batches.flatMap((each) => codec.decode(each, at.offset, LIMITS.batchPlainBytesMax));
    for (const record of records) if (record.offset < upTo) window.put(record);
    if (next.offset >= upTo) break;
  }
  stop.abort();
}

const sizeOf = ({ key, value, headers }: KafkaRecord): number =>
  headers.reduce(
    (sum, [name, header]) => sum + name.length + (header?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  );

const sizeOfAll = (records: readonly KafkaRecord[]): number =>
  records.reduce((sum, record) => sum + sizeOf(record), 0);

/** Views would keep the whole batch alive. */
const copyOf = ({ key, value, headers, ...rest }: KafkaRecord): KafkaRecord => ({
  ...rest,
  key: key && Uint8Array.from(key),
  value: value && Uint8Array.from(value),
  headers: headers.map(([name, header]) => [name, header && Uint8Array.from(header)]),
});

function byTime(one: PlacedRecord, other: PlacedRecord): number {
  const keys = ({ partition, record }: PlacedRecord) => [record.timestamp, BigInt(partition), record.offset];
  const [left, right] = [keys(one), keys(other)];
  const at = left.findIndex((each, index) => each !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0n) < (right[at] ?? 0n) ? -1 : 1;
}
