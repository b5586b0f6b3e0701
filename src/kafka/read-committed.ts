import { MeshError } from "../kernel/error.ts";
import {
  ATTRIBUTE,
  BATCH,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  batchLength,
  checksumHolds,
  readBatchHeader,
} from "./record-batch.ts";

/** A transaction that was aborted: `firstOffset` is that of its first record in the partition. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** What one partition's part of a fetch answer comes to. */
export interface CommittedRun {
  readonly batches: readonly Buffer[];
  /** The next offset to fetch: after the last whole batch, or where the fetch began. */
  readonly nextOffset: bigint;
  /** Leader epoch of the last batch, delivered or not; −1 when there was none. */
  readonly leaderEpoch: number;
  /** SOURCE_CORRUPT or SOURCE_CODEC: what stands at `nextOffset` can't be read. */
  readonly failure: MeshError | undefined;
}

/** Type of a control record: the second half of its key (Kafka message format, "Control Batches"). */
const ABORT_MARKER = 0;

/**
 * Leaves only committed data, by the Java consumer's algorithm. The state lives for one answer: the broker names every
 * aborted transaction that touches the range it sends, also those that began before it or end after it.
 * `bytes` may end inside a batch, which is then left for the next fetch.
 */
export function committedRun(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  from: bigint,
  where: string,
): CommittedRun {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const active = new Set<bigint>();
  const batches: Buffer[] = [];
  let nextOffset = from;
  let leaderEpoch = -1;
  let failure: MeshError | undefined;
  let lastOffset = -1n;
  for (const found of wholeBatches(bytes, where)) {
    if (found instanceof MeshError) {
      failure = found;
      break;
    }
    const { batch, header } = found;
    if (header.baseOffset <= lastOffset) {
      failure = corrupt(where, header.baseOffset, "goes back behind the one before it");
      break;
    }
    lastOffset = header.lastOffset;
    while (waiting[0] !== undefined && waiting[0].firstOffset <= header.lastOffset) {
      active.add(waiting[0].producerId);
      waiting.shift();
    }
    const isControl = (header.attributes & ATTRIBUTE.control) !== 0;
    if (isControl && isAbortMarker(batch)) active.delete(header.producerId);
    const isTransactional = (header.attributes & ATTRIBUTE.transactional) !== 0;
    const isAborted = isTransactional && active.has(header.producerId);
    if (header.lastOffset < nextOffset) continue;
    nextOffset = header.lastOffset + 1n;
    leaderEpoch = header.leaderEpoch;
    if (!isControl && !isAborted && header.count > 0) batches.push(batch);
  }
  // A broker sends the first batch whole, however large it is: what has none would be asked for again for ever.
  if (bytes.length > 0 && lastOffset < from)
    failure ??= corrupt(where, from, "is longer than what came of it");
  return { batches, nextOffset, leaderEpoch, failure };
}

function corrupt(where: string, at: bigint, says: string): MeshError {
  const offset = at.toString();
  return new MeshError("SOURCE_CORRUPT", `A record batch of ${where} at offset ${offset} ${says}.`, {
    context: { offset },
  });
}

/** Does the batch hold as many records as its offsets have room for, at most? Compaction leaves fewer. */
const isCounted = ({ baseOffset, lastOffset, count }: BatchHeader): boolean =>
  count >= 0 && BigInt(count) <= lastOffset - baseOffset + 1n;

/** The whole batches of an answer, each with its checksum and format checked; ends with the first that does not hold. */
function* wholeBatches(
  bytes: Buffer,
  where: string,
): Generator<{ batch: Buffer; header: BatchHeader } | MeshError> {
  for (let at = 0; at < bytes.length; ) {
    const magic = at + BATCH.magic < bytes.length ? bytes.readInt8(at + BATCH.magic) : 2;
    if (magic !== 2) {
      yield new MeshError(
        "SOURCE_CODEC",
        `A record batch of ${where} has message format ${magic}; only format 2 is read.`,
      );
      return;
    }
    const length = batchLength(bytes, at);
    if (length === undefined) return;
    const batch = bytes.subarray(at, at + length);
    const offset = bytes.readBigInt64BE(at);
    if (length < BATCH_HEADER_BYTES || !checksumHolds(batch)) {
      yield corrupt(where, offset, "fails its checksum");
      return;
    }
    const header = readBatchHeader(batch);
    if (!isCounted(header)) {
      yield corrupt(where, offset, "counts its records wrongly");
      return;
    }
    yield { batch, header };
    at += length;
  }
}

/**
 * Reads the marker's type; only for control batches, since a data record may have the same key. Control batches hold one
 * record, uncompressed: five one-byte varints and its attributes come before the key's four bytes, version and type.
 */
function isAbortMarker(batch: Buffer): boolean {
  let at = BATCH_HEADER_BYTES;
  // length, attributes, timestamp delta, offset delta, key length: varints end at a byte below 0x80.
  for (let field = 0; field < 5; field += 1) {
    while ((batch[at] ?? 0) > 0x7f) at += 1;
    at += 1;
  }
  return at + 4 <= batch.length && batch.readInt16BE(at + 2) === ABORT_MARKER;
}
