import { Writer } from "@platformatic/kafka";
import { BrokerFault } from "./fault.ts";
import { WireReader } from "./wire.ts";

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
): Writer {
  return identified(who)
    .appendArray([topic], (topics, name) => {
      topics
        .appendString(name)
        .appendArray([...partitions], (w, partition) => w.appendInt32(partition), true, false);
    })
    .appendTaggedFields();
}

/** The commit of a group without members: generation −1, no member. */
export function writeTxnOffsetCommit(
  who: ProducerIdentity,
  group: string,
  topic: string,
  offsets: readonly OffsetCommit[],
): Writer {
  return Writer.create()
    .appendString(who.transactionalId)
    .appendString(group)
    .appendInt64(who.producerId)
    .appendInt16(who.producerEpoch)
    .appendInt32(-1)
    .appendString("")
    .appendString(null)
    .appendArray([topic], (topics, name) => {
      topics.appendString(name).appendArray([...offsets], (w, row) => {
        w.appendInt32(row.partition).appendInt64(row.offset).appendInt32(-1).appendString(row.metadata);
      });
    })
    .appendTaggedFields();
}

/** Answers of AddPartitionsToTxn and TxnOffsetCommit: an error code per partition. Throws BrokerFault with the first. */
export function readPartitionErrors(answer: Buffer, doing: string): true {
  const reader = new WireReader(answer);
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

export function writeEndTxn(who: ProducerIdentity, commit: boolean): Writer {
  return identified(who).appendBoolean(commit).appendTaggedFields();
}

/** The identity for the next transaction: the same before version 5. Throws BrokerFault. */
export function readEndTxn(
  answer: Buffer,
  who: ProducerIdentity,
  version: number,
  doing: string,
): ProducerIdentity {
  const reader = new WireReader(answer);
  reader.int32();
  const fault = reader.int16();
  if (fault !== 0) throw new BrokerFault(fault, doing);
  if (version < 5) return who;
  return { ...who, producerId: reader.int64(), producerEpoch: reader.int16() };
}

const identified = (who: ProducerIdentity): Writer =>
  Writer.create()
    .appendString(who.transactionalId)
    .appendInt64(who.producerId)
    .appendInt16(who.producerEpoch);
