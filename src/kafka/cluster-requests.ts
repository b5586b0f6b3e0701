import { type Request, readFault } from "./request.ts";
import type { WireReader } from "./wire.ts";
import { WireWriter } from "./wire-writer.ts";

interface BrokerRow {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}
interface PartitionRow {
  readonly partition: number;
  readonly leader: number;
  readonly leaderEpoch: number;
}
interface TopicRow {
  /** 32 hex digits. */
  readonly topicId: string;
  readonly partitions: readonly PartitionRow[];
}

const NO_TOPIC_ID = "0".repeat(32);
const CONSUMER = -1;

/** Brokers and one topic. The broker must not make the topic. */
export const METADATA: Request<
  [topic: string],
  { readonly brokers: readonly BrokerRow[]; readonly topic: TopicRow | undefined }
> = {
  api: { key: 3, version: 12 },
  write: (topic) =>
    new WireWriter()
      .list([topic], (w, name) => w.uuid(NO_TOPIC_ID).text(name).tags())
      .int8(0)
      .int8(0)
      .tags(),
  read: (reader, doing) => {
    reader.int32();
    const brokers = reader.list(() => {
      const row = { nodeId: reader.int32(), host: reader.text() ?? "", port: reader.int32() };
      reader.text();
      reader.tags();
      return row;
    });
    reader.text();
    reader.int32();
    const [topic] = reader.list(() => readTopic(reader, doing));
    return { brokers, topic };
  },
};

function readTopic(reader: WireReader, doing: string): TopicRow {
  readFault(reader, doing);
  reader.text();
  const topicId = reader.uuid();
  reader.int8();
  const partitions = reader.list(() => {
    readFault(reader, doing);
    const row = { partition: reader.int32(), leader: reader.int32(), leaderEpoch: reader.int32() };
    for (let lists = 0; lists < 3; lists += 1) reader.list(() => reader.int32());
    reader.tags();
    return row;
  });
  reader.int32();
  reader.tags();
  return { topicId, partitions };
}

/** `kind`: 0 of a group, 1 of a transactional id. */
export const FIND_COORDINATOR: Request<[kind: number, key: string], BrokerRow | undefined> = {
  api: { key: 10, version: 4 },
  write: (kind, key) =>
    new WireWriter()
      .int8(kind)
      .list([key], (w, text) => w.text(text))
      .tags(),
  read: (reader, doing) => {
    reader.int32();
    const [row] = reader.list(() => {
      reader.text();
      const broker = { nodeId: reader.int32(), host: reader.text() ?? "", port: reader.int32() };
      readFault(reader, doing);
      reader.text();
      reader.tags();
      return broker;
    });
    return row;
  },
};

/** Offsets of partitions of one topic by their number. `isolation`: 1 for the last stable offset as the end. */
export const LIST_OFFSETS: Request<
  [topic: string, partitions: readonly PartitionRow[], timestamp: bigint, isolation: number],
  ReadonlyMap<number, bigint>
> = {
  api: { key: 2, version: 7 },
  write: (topic, partitions, timestamp, isolation) =>
    new WireWriter()
      .int32(CONSUMER)
      .int8(isolation)
      .list([topic], (topics, name) => {
        topics
          .text(name)
          .list(partitions, (w, row) => w.int32(row.partition).int32(row.leaderEpoch).int64(timestamp).tags())
          .tags();
      })
      .tags(),
  read: (reader, doing) => {
    const offsets = new Map<number, bigint>();
    reader.int32();
    reader.list(() => {
      reader.text();
      reader.list(() => {
        const partition = reader.int32();
        readFault(reader, doing);
        reader.int64();
        offsets.set(partition, reader.int64());
        reader.int32();
        reader.tags();
      });
      reader.tags();
    });
    return offsets;
  },
};

const FINALIZED_FEATURES_TAG = 2;

/** The levels of the cluster's features by their names. */
export const FEATURES: Request<[name: string, version: string], ReadonlyMap<string, number>> = {
  // A broker that is too old answers in its own layout: the header of the answer has no tagged fields, and the error comes first.
  api: { key: 18, version: 3, plain: "answer" },
  write: (name, version) => new WireWriter().text(name).text(version).tags(),
  read: (reader, doing) => {
    readFault(reader, doing);
    reader.list(() => {
      for (let numbers = 0; numbers < 3; numbers += 1) reader.int16();
      reader.tags();
    });
    reader.int32();
    const levels = new Map<string, number>();
    reader.tags({
      [FINALIZED_FEATURES_TAG]: (features) => {
        features.list(() => {
          const name = features.text() ?? "";
          levels.set(name, features.int16());
          features.int16();
          features.tags();
        });
      },
    });
    return levels;
  },
};
