/**
 * Gives back the memory of bytes that nobody looks at any more: they, and all others in the same memory, read as empty from here on. Left to
 * the garbage collector, the bytes of a few frames make it collect everything. Whoever calls this has those bytes alone, and nothing is
 * still on its way out of them.
 */
export function discard({ buffer }: Uint8Array): void {
  // Node makes smaller ones out of one piece of memory.
  if (buffer.byteLength > Buffer.poolSize && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
