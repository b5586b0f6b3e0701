import { Writer } from "@platformatic/kafka";
import { BrokerFault } from "./fault.ts";
import { WireReader } from "./wire.ts";

const PRODUCE_KEY = 0;
/** Acknowledged by all in-sync replicas. */
const ACKS_ALL = -1;
/** How long the broker waits for its replicas; below the timeout of a request. */
const REPLICATION_TIMEOUT_MS = 10_000;

/** Produce by topic name; from version 12 on it adds the partition to a transaction by itself (KIP-890). */
export const produceApi = (version: 9 | 12) => ({ key: PRODUCE_KEY, version });

/** One stamped batch for one partition: the broker takes no more than one each. */
export interface ProducePart {
  readonly partition: number;
  readonly bytes: readonly [header: Buffer, records: Buffer];
}

/** `transactionalId` null: outside of transactions. */
export function writeProduce(
  transactionalId: string | null,
  topic: string,
  parts: readonly ProducePart[],
): Writer {
  return Writer.create()
    .appendString(transactionalId)
    .appendInt16(ACKS_ALL)
    .appendInt32(REPLICATION_TIMEOUT_MS)
    .appendArray([topic], (topics, name) => {
      topics.appendString(name).appendArray([...parts], (w, { partition, bytes: [header, records] }) => {
        w.appendInt32(partition)
          .appendUnsignedVarInt(header.length + records.length + 1)
          .append(header)
          .append(records);
      });
    })
    .appendTaggedFields();
}

/** Partition → offset of its first record. Throws BrokerFault with the first error; the broker's words are not kept. */
export function readProduce(answer: Buffer, doing: string): ReadonlyMap<number, bigint> {
  const reader = new WireReader(answer);
  const offsets = new Map<number, bigint>();
  let fault = 0;
  reader.list(() => {
    reader.text();
    reader.list(() => {
      const partition = reader.int32();
      const code = reader.int16();
      if (fault === 0) fault = code;
      offsets.set(partition, reader.int64());
      reader.int64();
      reader.int64();
      reader.list(() => {
        reader.int32();
        reader.text();
        reader.tags();
      });
      reader.text();
      reader.tags();
    });
    reader.tags();
  });
  if (fault !== 0) throw new BrokerFault(fault, doing);
  return offsets;
}
