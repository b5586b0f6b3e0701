import { BrokerFault } from "./fault.ts";
import type { WireReader } from "./wire.ts";
import { WireWriter } from "./wire-writer.ts";

const PRODUCE_KEY = 0;
/** Acknowledged by all in-sync replicas. */
const ACKS_ALL = -1;
/** How long the broker waits for its replicas; below the timeout of a request. */
const REPLICATION_TIMEOUT_MS = 3_000;

/** Produce by topic name; from version 12 on it adds the partition to a transaction by itself (KIP-890). */
export const produceApi = (version: 9 | 12) => ({ key: PRODUCE_KEY, version });

/** One stamped batch for one partition: the broker takes no more than one each. */
export interface ProducePart {
  readonly partition: number;
  readonly bytes: readonly [header: Buffer, records: Buffer];
}

/** Of one request; brokers take 100 MiB by default (`socket.request.max.bytes`). A single larger batch goes alone. */
const REQUEST_BYTES_TARGET = 16 * 1024 * 1024;

/**
 * The parts in requests to be sent one behind the other: a partition has at most one part in each, and its parts keep their
 * order.
 */
export function requestsOf(parts: readonly ProducePart[]): readonly (readonly ProducePart[])[] {
  const requests: { readonly parts: ProducePart[]; bytes: number }[] = [];
  /** Partition → the first request that it may be part of. */
  const earliest = new Map<number, number>();
  for (const part of parts) {
    const bytes = part.bytes[0].length + part.bytes[1].length;
    let at = earliest.get(part.partition) ?? 0;
    while (requests[at] !== undefined && (requests[at]?.bytes ?? 0) + bytes > REQUEST_BYTES_TARGET) at += 1;
    const request = requests[at] ?? { parts: [], bytes: 0 };
    requests[at] = request;
    request.parts.push(part);
    request.bytes += bytes;
    earliest.set(part.partition, at + 1);
  }
  return requests.map((request) => request.parts);
}

/** `transactionalId` null: outside of transactions. */
export function writeProduce(
  transactionalId: string | null,
  topic: string,
  parts: readonly ProducePart[],
): WireWriter {
  return new WireWriter()
    .text(transactionalId)
    .int16(ACKS_ALL)
    .int32(REPLICATION_TIMEOUT_MS)
    .list([topic], (topics, name) => {
      topics
        .text(name)
        .list(parts, (w, { partition, bytes }) => {
          w.int32(partition)
            .data(...bytes)
            .tags();
        })
        .tags();
    })
    .tags();
}

/** Partition → offset of its first record. Throws BrokerFault with the first error; the broker's words are not kept. */
export function readProduce(reader: WireReader, doing: string): ReadonlyMap<number, bigint> {
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
