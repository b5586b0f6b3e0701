import { BrokerFault } from "./fault.ts";
import type { WireReader } from "./wire.ts";
import { WireWriter } from "./wire-writer.ts";

/** Who writes, as the transaction coordinator knows it. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** One offset to commit; `metadata` of at most 4096 bytes. */
export interface OffsetCommit {
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata: string;
}

/** For whom offsets are committed: a member of the group in its generation, or nobody. */
export interface Committer {
  readonly generation: number;
  readonly member: string;
}
export const NOBODY: Committer = { generation: -1, member: "" };

const ADD_PARTITIONS_KEY = 24;
const TXN_OFFSET_COMMIT_KEY = 28;
const END_TXN_KEY = 26;

/** Version 4 and above are for brokers among themselves. */
export const ADD_PARTITIONS = { key: ADD_PARTITIONS_KEY, version: 3 } as const;
/** Version 5 adds the group to the transaction by itself (KIP-890). */
export const txnOffsetCommitApi = (version: 3 | 5) => ({ key: TXN_OFFSET_COMMIT_KEY, version });
/** Version 5 answers with the identity for the next transaction (KIP-890). */
export const endTxnApi = (version: 3 | 5) => ({ key: END_TXN_KEY, version });

export function writeAddPartitions(
  who: ProducerIdentity,
  topic: string,
  partitions: readonly number[],
): WireWriter {
  return identified(who)
    .list([topic], (topics, name) => {
      topics
        .text(name)
        .list(partitions, (w, partition) => w.int32(partition))
        .tags();
    })
    .tags();
}

/** Refused by the coordinator where the group is in another generation (KIP-447). */
export function writeTxnOffsetCommit(
  who: ProducerIdentity,
  group: string,
  committer: Committer,
  topic: string,
  offsets: readonly OffsetCommit[],
): WireWriter {
  return new WireWriter()
    .text(who.transactionalId)
    .text(group)
    .int64(who.producerId)
    .int16(who.producerEpoch)
    .int32(committer.generation)
    .text(committer.member)
    .text(null)
    .list([topic], (topics, name) => {
      topics
        .text(name)
        .list(offsets, (w, row) => {
          w.int32(row.partition).int64(row.offset).int32(-1).text(row.metadata).tags();
        })
        .tags();
    })
    .tags();
}

/** Answers of AddPartitionsToTxn and TxnOffsetCommit: an error code per partition. Throws BrokerFault with the first. */
export function readPartitionErrors(reader: WireReader, doing: string): true {
  let fault = 0;
  reader.int32();
  reader.list(() => {
    reader.text();
    reader.list(() => {
      reader.int32();
      const code = reader.int16();
      if (fault === 0) fault = code;
      reader.tags();
    });
    reader.tags();
  });
  if (fault !== 0) throw new BrokerFault(fault, doing);
  return true;
}

export function writeEndTxn(who: ProducerIdentity, commit: boolean): WireWriter {
  return identified(who)
    .int8(commit ? 1 : 0)
    .tags();
}

/** The identity for the next transaction: the same before version 5. Throws BrokerFault. */
export function readEndTxn(
  reader: WireReader,
  who: ProducerIdentity,
  version: number,
  doing: string,
): ProducerIdentity {
  reader.int32();
  const fault = reader.int16();
  if (fault !== 0) throw new BrokerFault(fault, doing);
  if (version < 5) return who;
  return { ...who, producerId: reader.int64(), producerEpoch: reader.int16() };
}

const identified = (who: ProducerIdentity): WireWriter =>
  new WireWriter().text(who.transactionalId).int64(who.producerId).int16(who.producerEpoch);
