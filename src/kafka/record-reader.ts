import { MeshError } from "../kernel/error.ts";
import type { BatchLook, RecordCodec } from "../kernel/ports.ts";
import type { KafkaRecord, RecordHeader } from "../kernel/record.ts";
import { CODEC, type CodecName, unpack } from "./compression.ts";
import {
  ATTRIBUTE,
  asBuffer,
  BATCH,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  readBatchHeader,
} from "./record-batch.ts";
import { VarintReader } from "./varint.ts";

/** Reads batches of a source whose CRC-32C was checked. */
export const recordReader: Pick<RecordCodec, "decode" | "look" | "unpack" | "read"> = {
  decode,
  look: lookAt,
  unpack: ({ codec, packed }, bytesMax) => unpack(CODEC[codec], asBuffer(packed), bytesMax),
  read(plain, at, look) {
    const reader = new VarintReader(asBuffer(plain));
    reader.at = at;
    const record = sound(look.baseOffset, () => readRecord(reader, look));
    return { record, next: reader.at };
  },
};

function decode(bytes: Uint8Array, from: bigint, bytesMax: number): readonly KafkaRecord[] {
  const look = lookAt(bytes);
  if (look.count === 0) return [];
  const plain = recordReader.unpack(look, bytesMax);
  return sound(look.baseOffset, () => {
    const records: KafkaRecord[] = [];
    const reader = new VarintReader(asBuffer(plain));
    for (let n = 0; n < look.count; n += 1) {
      const record = readRecord(reader, look);
      if (record.offset >= from) records.push(record);
    }
    if (reader.left !== 0) throw new RangeError("bytes after the last record");
    return records;
  });
}

/** What `read` gives, or SOURCE_CORRUPT for the RangeError that it throws. */
function sound<Value>(baseOffset: bigint, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new MeshError(
      "SOURCE_CORRUPT",
      `The records of a batch at offset ${baseOffset} are not sound: ${cause.message}.`,
    );
  }
}

const CODEC_NAMES: ReadonlyMap<number, CodecName> = new Map(
  Object.entries(CODEC).map(([name, number]) => [number, name as CodecName]),
);

function lookAt(bytes: Uint8Array): BatchLook {
  const batch = asBuffer(bytes);
  const { attributes, count, baseOffset, baseTimestamp, maxTimestamp } = soundHeader(batch);
  const isControl = (attributes & ATTRIBUTE.control) !== 0;
  const number = attributes & ATTRIBUTE.codecMask;
  const codec = CODEC_NAMES.get(number) ?? (count === 0 || isControl ? "none" : undefined);
  if (codec === undefined) {
    throw new MeshError(
      "SOURCE_CODEC",
      `A record batch names compression ${number}, which Kafka does not define.`,
    );
  }
  const appended = (attributes & ATTRIBUTE.logAppendTime) !== 0 ? maxTimestamp : undefined;
  const packed = batch.subarray(BATCH_HEADER_BYTES);
  return { codec, count: isControl ? 0 : count, baseOffset, baseTimestamp, appended, packed };
}

/** Throws SOURCE_CODEC or SOURCE_CORRUPT unless the fixed fields make sense together. */
function soundHeader(batch: Buffer): BatchHeader {
  if (batch.length < BATCH_HEADER_BYTES) {
    throw new MeshError("SOURCE_CORRUPT", `A record batch has ${batch.length} bytes, fewer than its header.`);
  }
  const magic = batch.readInt8(BATCH.magic);
  if (magic !== 2) {
    throw new MeshError("SOURCE_CODEC", `A record batch has message format ${magic}; only format 2 is read.`);
  }
  const header = readBatchHeader(batch);
  if (header.byteLength !== batch.length || header.count < 0) {
    throw new MeshError(
      "SOURCE_CORRUPT",
      `A record batch at offset ${header.baseOffset} contradicts its own length.`,
    );
  }
  return header;
}

function readRecord(reader: VarintReader, batch: BatchLook): KafkaRecord {
  const length = reader.int();
  const end = reader.at + length;
  reader.skip(1);
  const timestampDelta = reader.long();
  const offset = batch.baseOffset + BigInt(reader.int());
  const key = readBytes(reader);
  const value = readBytes(reader);
  const headers: RecordHeader[] = [];
  for (let left = headerCount(reader); left > 0; left -= 1) {
    const name = reader.take(reader.int()).toString("utf8");
    headers.push([name, readBytes(reader)]);
  }
  if (reader.at !== end) throw new RangeError("a record of another length than it says");
  // Kafka counts in 64 bits, which go round.
  const timestamp = batch.appended ?? BigInt.asIntN(64, batch.baseTimestamp + timestampDelta);
  return { offset, timestamp, key, value, headers };
}

function readBytes(reader: VarintReader): Buffer | null {
  const length = reader.int();
  return length === -1 ? null : reader.take(length);
}

/** Throws RangeError. */
export function headerCount(reader: VarintReader): number {
  const count = reader.int();
  if (count < 0 || count > reader.left) throw new RangeError("more headers than bytes");
  return count;
}
