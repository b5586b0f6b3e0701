import type { KeyObject } from "node:crypto";
import { discard } from "../../kernel/discard.ts";
import type { CheckedBatch, RecordCodec } from "../../kernel/ports.ts";
import { failed } from "../../kernel/result.ts";
import { inOrder } from "../in-order.ts";
import { ASKED_BYTES_MIN } from "../lanes/lane.ts";
import { type Frame, openFrame, refused } from "./frame.ts";

/** A frame of which everything was checked that can be without knowing what came before it. */
export interface SoundFrame extends Frame {
  /** Records of it that erase. */
  readonly tombstones: number;
  /** Nobody reads the body any more; absent: its memory is not its own. */
  readonly release?: () => void;
}

/** `soundFrame`, but later and elsewhere. */
export type OpenLater = (bytes: Buffer, keys: readonly KeyObject[]) => Promise<SoundFrame>;

const AHEAD_MAX = 4;

/**
 * Opens frames in their order; where there are threads, several large ones at a time. What came together stays together, and
 * is refused together. Rejects with LINK_FRAME_REFUSED.
 */
export function soundFrames(
  frames: AsyncIterable<readonly Buffer[]>,
  keys: readonly KeyObject[],
  { codec, openLater }: { readonly codec: Pick<RecordCodec, "check">; readonly openLater?: OpenLater },
): AsyncIterable<readonly SoundFrame[]> {
  const open = async (bytes: Buffer): Promise<SoundFrame> => {
    const isSmall = openLater === undefined || bytes.length < ASKED_BYTES_MIN;
    const frame = isSmall ? soundFrame(bytes, keys, codec) : await openLater(bytes, keys);
    const isAlone = bytes.length === bytes.buffer.byteLength;
    return isAlone ? { ...frame, release: () => discard(bytes) } : frame;
  };
  return inOrder(frames, async (together) => await Promise.all(together.map(open)), AHEAD_MAX);
}

/** What `openFrame` checks, and that the body holds the records that the header announces. Throws LINK_FRAME_REFUSED. */
export function soundFrame(
  bytes: Buffer,
  keys: readonly KeyObject[],
  codec: Pick<RecordCodec, "check">,
): SoundFrame {
  const frame = openFrame(bytes, keys);
  const { tombstones } = soundBatch(frame, codec);
  return { ...frame, tombstones };
}

function soundBatch({ header, body }: Frame, codec: Pick<RecordCodec, "check">): CheckedBatch {
  const count = header.kind === "records" ? header.count : 0;
  if (count === 0 && body.length === 0) return { tombstones: 0 };
  const checked = count === 0 ? failed("it has a body but no records") : codec.check(body, count);
  if (!checked.ok) throw refused(`its batch is not sound: ${checked.fault}`);
  return checked.value;
}
