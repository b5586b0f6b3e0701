import type { TargetCursor } from "../kernel/ports.ts";
import { type Request, readFault } from "./request.ts";
import { type Committer, type OffsetCommit, readPartitionErrors } from "./transaction-requests.ts";
import { WireWriter } from "./wire-writer.ts";

/** Without a transaction. */
export const OFFSET_COMMIT: Request<
  [group: string, committer: Committer, topic: string, offsets: readonly OffsetCommit[]],
  true
> = {
  api: { key: 8, version: 9 },
  write: (group, { generation, member }, topic, offsets) =>
    new WireWriter()
      .text(group)
      .int32(generation)
      .text(member)
      .text(null)
      .list([topic], (topics, name) => {
        topics
          .text(name)
          .list(offsets, (w, { partition, offset, metadata }) =>
            w.int32(partition).int64(offset).int32(-1).text(metadata).tags(),
          )
          .tags();
      })
      .tags(),
  read: readPartitionErrors,
};

/** What a group has committed for partitions of one topic; UNSTABLE_OFFSET_COMMIT while a transaction that may change it is open. */
export const OFFSET_FETCH: Request<
  [group: string, topic: string, partitions: readonly number[]],
  readonly TargetCursor[]
> = {
  api: { key: 9, version: 8 },
  write: (group, topic, partitions) =>
    new WireWriter()
      .list([group], (groups, id) => {
        groups
          .text(id)
          .list([topic], (topics, name) => {
            topics
              .text(name)
              .list(partitions, (w, partition) => w.int32(partition))
              .tags();
          })
          .tags();
      })
      .int8(1)
      .tags(),
  read: (reader, doing) => {
    const cursors: TargetCursor[] = [];
    reader.int32();
    reader.list(() => {
      reader.text();
      reader.list(() => {
        reader.text();
        reader.list(() => {
          const partition = reader.int32();
          const sequence = reader.int64();
          reader.int32();
          const metadata = reader.text() ?? "";
          readFault(reader, doing);
          reader.tags();
          if (sequence >= 0n) cursors.push({ partition, sequence, metadata });
        });
        reader.tags();
      });
      readFault(reader, doing);
      reader.tags();
    });
    return cursors;
  },
};
