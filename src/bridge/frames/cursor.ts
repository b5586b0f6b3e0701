import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import { MeshError } from "../../kernel/error.ts";
import type { SourcePosition } from "../../kernel/ports.ts";

/** Where the next frame of a partition begins, and what the chain looked like there. Only the publisher can read it. */
export interface Cursor {
  /** 32 hex digits. */
  readonly topicId: string;
  readonly position: SourcePosition;
  /** Sequence of the next record. */
  readonly sequence: number;
  /** Digest of the frame before, `sha-256:` and hex. */
  readonly previous: string;
}

const BYTES = { version: 1, topicId: 16, partition: 4, offset: 8, epoch: 4, sequence: 8, previous: 32 };
const LENGTH = Object.values(BYTES).reduce((sum, bytes) => sum + bytes, 0);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const context = (agreement: string): Buffer => Buffer.from(`tiermesh cursor v1\n${agreement}`);

/**
 * Seals a cursor with AES-256-GCM (96-bit random nonce), bound to the agreement: base64url, 135 characters whatever the
 * offset. A random nonce serves 2^32 cursors a key; at a cursor a frame and 100 frames a second that is over a year, and
 * `rotate` of the cursor key only costs every link a reset.
 */
export function sealCursor(cursor: Cursor, agreement: string, key: KeyObject): string {
  const plain = Buffer.alloc(LENGTH);
  plain.writeUInt8(1, 0);
  plain.write(cursor.topicId, 1, "hex");
  plain.writeInt32BE(cursor.position.partition, 17);
  plain.writeBigInt64BE(cursor.position.offset, 21);
  plain.writeInt32BE(cursor.position.leaderEpoch, 29);
  plain.writeBigInt64BE(BigInt(cursor.sequence), 33);
  plain.write(cursor.previous.slice("sha-256:".length), 41, "hex");
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context(agreement));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString(
    "base64url",
  );
}

/** Opens what `sealCursor` made for this agreement. Throws LINK_CURSOR_REFUSED for anything else. */
export function openCursor(text: string, agreement: string, key: KeyObject): Cursor {
  const sealed = Buffer.from(text, "base64url");
  if (sealed.length !== NONCE_BYTES + LENGTH + TAG_BYTES) throw refusedCursor();
  const tagStart = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES))
    .setAAD(context(agreement))
    .setAuthTag(sealed.subarray(tagStart));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, tagStart)), decipher.final()]);
  } catch {
    throw refusedCursor();
  }
  if (plain.readUInt8(0) !== 1) throw refusedCursor();
  return {
    topicId: plain.toString("hex", 1, 17),
    position: {
      partition: plain.readInt32BE(17),
      offset: plain.readBigInt64BE(21),
      leaderEpoch: plain.readInt32BE(29),
    },
    sequence: Number(plain.readBigInt64BE(33)),
    previous: `sha-256:${plain.toString("hex", 41, 73)}`,
  };
}

const refusedCursor = (): MeshError =>
  new MeshError(
    "LINK_CURSOR_REFUSED",
    "The cursor was not sealed by this gateway's cursor key for this agreement.",
  );
