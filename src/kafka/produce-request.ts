import { BrokerFault } from "./fault.ts";
import { nameOfError } from "./protocol-errors.ts";
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

/** What a broker says of one batch because of what the batch is: it is about its partition, and about no other. */
const OF_THE_BATCH: ReadonlySet<string> = new Set([
  "CORRUPT_MESSAGE",
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "UNSUPPORTED_COMPRESSION_TYPE",
]);

/**
 * Partition → offset of its first record. Throws BrokerFault: with its partition where a batch was refused for what it is, for
 * that is there again when all else has passed; or else with the first error. The broker's words are not kept.
 */
export function readProduce(reader: WireReader, doing: string): ReadonlyMap<number, bigint> {
  const offsets = new Map<number, bigint>();
  let fault = 0;
  let refused: BrokerFault | undefined;
  reader.list(() => {
    reader.text();
    reader.list(() => {
      const partition = reader.int32();
      const code = reader.int16();
      if (fault === 0) fault = code;
      if (OF_THE_BATCH.has(nameOfError(code)))
        refused ??= new BrokerFault(code, `${doing}, partition ${partition}`, partition);
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
  if (refused !== undefined) throw refused;
  if (fault !== 0) throw new BrokerFault(fault, doing);
  return offsets;
}
