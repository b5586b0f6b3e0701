import { type KeyObject, sign, verify } from "node:crypto";
import { digestOf, digestOfBytes } from "../../kernel/digest.ts";
import { MeshError } from "../../kernel/error.ts";
import type { Json } from "../../kernel/json.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { readPlainJson } from "../../kernel/strict-json.ts";

/**
 * The unit on the wire:
 *
 *     u32 length of what follows | u16 length of the header | header | 64 bytes Ed25519 signature | body
 *
 * The header is JSON; the signature covers a fixed prefix and the header's bytes; the header holds the body's digest. The
 * body is one Kafka RecordBatch v2, or nothing. docs/protocol.md has every member.
 */
export type FrameHeader = RecordsHeader | IdleHeader | HaltHeader | EndHeader;

/** Records of one partition; `count` may be 0 when everything read was denied and only the cursor moves. */
export interface RecordsHeader {
  readonly v: 1;
  readonly kind: "records";
  readonly agreement: string;
  /** Contract digest. */
  readonly contract: string;
  /** Plan digest. */
  readonly plan: string;
  readonly partition: number;
  /** Sequence of the first record; the next frame of the partition begins at sequence + count. */
  readonly sequence: number;
  readonly count: number;
  /** `sha-256:` and hex of the body. */
  readonly body: string;
  /** Digest of the frame before in this partition, or the chain's genesis. */
  readonly previous: string;
  /** Sealed: where the next frame begins. Not part of the frame's digest, because it holds that. */
  readonly cursor: string;
}
/** Every second: the link is alive. */
interface IdleHeader {
  readonly v: 1;
  readonly kind: "idle";
  readonly agreement: string;
  /** How old the newest record sent is where there are more to send, ms; 0: all was sent. */
  readonly behindMs: number;
}
/** One partition ends here until the stream is opened anew; the others go on. `code` is an ErrorCode. */
interface HaltHeader {
  readonly v: 1;
  readonly kind: "halt";
  readonly agreement: string;
  readonly partition: number;
  readonly code: string;
}
/** The publisher ends the stream; `code` is an ErrorCode, `status` the agreement's where that is why. */
interface EndHeader {
  readonly v: 1;
  readonly kind: "end";
  readonly agreement: string;
  readonly code: string;
  readonly status: string;
}

export interface Frame {
  readonly header: FrameHeader;
  /** What the chain knows the frame by: see `digestOfFrame`. */
  readonly digest: string;
  readonly body: Buffer;
}

export const SIGNATURE_BYTES = 64;
const PREFIX = Buffer.from("tiermesh frame v1\n");

/** `sha-256:` and hex over the RFC 8785 form of the header without its cursor: equal for equal frames sent twice. */
export const digestOfFrame = (core: Omit<RecordsHeader, "cursor">): string => digestOf(core);

/** What stands before the body, signed with the company's Ed25519 key. Every byte of it is written here. */
export function sealHead(header: FrameHeader, bodyBytes: number, key: KeyObject): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const signature = sign(null, Buffer.concat([PREFIX, head]), key);
  const lengths = Buffer.alloc(6);
  lengths.writeUInt32BE(2 + head.length + SIGNATURE_BYTES + bodyBytes, 0);
  lengths.writeUInt16BE(head.length, 4);
  return Buffer.concat([lengths, head, signature]);
}

/**
 * Reads one frame (without its length prefix) and checks signature, shape and body digest; `keys` are the publisher's signing
 * keys of its card. Throws LINK_FRAME_REFUSED, which says what did not hold and quotes nothing.
 */
export function openFrame(bytes: Buffer, keys: readonly KeyObject[]): Frame {
  const headLength = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  const bodyStart = 2 + headLength + SIGNATURE_BYTES;
  if (headLength === 0 || headLength > LIMITS.frameHeaderBytesMax || bytes.length < bodyStart)
    throw refused("its lengths do not fit");
  const head = bytes.subarray(2, 2 + headLength);
  const signature = bytes.subarray(2 + headLength, bodyStart);
  const signed = Buffer.concat([PREFIX, head]);
  if (!keys.some((key) => verify(null, signed, key, signature)))
    throw refused("its signature is not by a key of the publisher's card");
  const header = readHeader(head);
  const body = bodyOf(bytes);
  if (header.kind === "records" ? header.body !== digestOfBytes(body) : body.length > 0)
    throw refused("its body is not the one that was signed");
  return { header, digest: header.kind === "records" ? digestOfFrame(withoutCursor(header)) : "", body };
}

/** The body of what `openFrame` has found sound. */
export const bodyOf = (bytes: Buffer): Buffer => bytes.subarray(2 + bytes.readUInt16BE(0) + SIGNATURE_BYTES);

function withoutCursor({ cursor: _, ...core }: RecordsHeader): Omit<RecordsHeader, "cursor"> {
  return core;
}

/** What a member may hold. */
const HOLDS = {
  text: (value: Json) => typeof value === "string",
  count: (value: Json) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
  // It is kept in our own cluster, which takes 4 KiB, behind a digest and a space.
  cursor: (value: Json) => typeof value === "string" && /^[A-Za-z0-9_-]{1,2048}$/.test(value),
  // It goes into our own log, which takes nothing else for one.
  digest: (value: Json) => typeof value === "string" && /^sha-256:[0-9a-f]{64}$/.test(value),
} as const;
type Kind = keyof typeof HOLDS;
const TEXT = "text";
const COUNT = "count";
/** Members of each kind of header: all must be there, no other may. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  records: {
    agreement: TEXT,
    contract: TEXT,
    plan: "digest",
    partition: COUNT,
    sequence: COUNT,
    count: COUNT,
    body: TEXT,
    previous: TEXT,
    cursor: "cursor",
  },
  idle: { agreement: TEXT, behindMs: COUNT },
  halt: { agreement: TEXT, partition: COUNT, code: TEXT },
  end: { agreement: TEXT, code: TEXT, status: TEXT },
};

function readHeader(bytes: Buffer): FrameHeader {
  const read = readPlainJson(bytes);
  const value: Json = read.ok ? read.value : null;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refused("its header is not an object");
  const header = value as { readonly [name: string]: Json };
  const kind = String(header.kind);
  const members = Object.hasOwn(MEMBERS, kind) ? MEMBERS[kind] : undefined;
  const names = Object.keys(header).filter((name) => name !== "v" && name !== "kind");
  if (header.v !== 1 || members === undefined || names.length !== Object.keys(members).length)
    throw refused("its header is of a kind or version that is not known");
  for (const name of names)
    if (!holds(header[name] ?? null, Object.hasOwn(members, name) ? members[name] : undefined))
      throw refused("a member of its header is not as it must be");
  return header as unknown as FrameHeader;
}

const holds = (value: Json, kind: Kind | undefined): boolean => kind !== undefined && HOLDS[kind](value);

/** The one way in which a frame is turned away. */
export const refused = (why: string): MeshError =>
  new MeshError("LINK_FRAME_REFUSED", `A frame was refused: ${why}. Nothing of it was stored.`);
