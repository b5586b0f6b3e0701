const MAGIC = 0xfd2fb528;
const SINGLE_SEGMENT = 0x20;
/** Bytes of a dictionary's id, and of the content's size, by the two bits that say so (RFC 8878 §3.1.1.1.1). */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const SIZE_BYTES = [0, 2, 4, 8] as const;
/** A size of two bytes counts from here. */
const SIZE_OF_TWO_FROM = 256;

/**
 * Bytes that a zstd frame says it unpacks to (RFC 8878 §3.1.1): only its word, for how much room is asked at once. Undefined: it does not
 * say.
 */
export function zstdPlainBytes(frame: Buffer): number | undefined {
  if (frame.length < 5 || frame.readUInt32LE(0) !== MAGIC) return undefined;
  const descriptor = frame.readUInt8(4);
  const isSingle = (descriptor & SINGLE_SEGMENT) !== 0;
  const at = 5 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0);
  const bytes = SIZE_BYTES[descriptor >>> 6] || (isSingle ? 1 : 0);
  if (bytes === 0 || at + bytes > frame.length) return undefined;
  if (bytes === 8) return Number(frame.readBigUInt64LE(at));
  return frame.readUIntLE(at, bytes) + (bytes === 2 ? SIZE_OF_TWO_FROM : 0);
}
