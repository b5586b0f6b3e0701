import { genesis } from "../../kernel/chain.ts";
import type { FrameDecision } from "../../kernel/decision.ts";
import { MeshError } from "../../kernel/error.ts";
import type { ReplicaWrite, TargetCursor } from "../../kernel/ports.ts";
import { type RecordsHeader, refused } from "./frame.ts";
import type { SoundFrame } from "./sound-frame.ts";

/** One partition of a stream at its subscriber: the next frame must follow the last one committed. */
export class ReplicaChain {
  #sequence: number;
  #previous: string;
  #cursor: string | undefined;

  private constructor(sequence: number, previous: string, cursor: string | undefined) {
    this.#sequence = sequence;
    this.#previous = previous;
    this.#cursor = cursor;
  }

  /** A partition that nothing was committed for. */
  static begin(agreement: string, partition: number): ReplicaChain {
    return new ReplicaChain(0, genesis(agreement, partition), undefined);
  }

  /** From what the target cluster holds: offset = sequence, metadata = digest of the last frame and its cursor. */
  static resume(committed: TargetCursor): ReplicaChain {
    const [previous, cursor, ...rest] = committed.metadata.split(" ");
    if (!previous?.startsWith("sha-256:") || cursor === undefined || rest.length > 0)
      throw new MeshError(
        "LINK_CURSOR_LOST",
        `The offset committed for partition ${committed.partition} does not hold a cursor of this link.`,
      );
    return new ReplicaChain(Number(committed.sequence), previous, cursor);
  }

  /** What the publisher is to continue from; undefined: from the agreement's start. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /**
   * Checks that the frame continues this partition: what is to be written. `header` is the frame's. Throws
   * LINK_FRAME_REFUSED.
   */
  follow(header: RecordsHeader, frame: SoundFrame): ReplicaWrite {
    if (header.sequence !== this.#sequence)
      throw refused(`its sequence is ${header.sequence} where ${this.#sequence} follows`);
    if (header.previous !== this.#previous) throw refused("it does not follow the frame before it");
    this.#sequence += header.count;
    this.#previous = frame.digest;
    this.#cursor = header.cursor;
    const cursor = {
      partition: header.partition,
      sequence: BigInt(this.#sequence),
      metadata: `${this.#previous} ${header.cursor}`,
    };
    const batch = header.count > 0 ? frame.body : undefined;
    return { partition: header.partition, batch, count: header.count, cursor };
  }
}

/** What the subscriber writes down about a frame before it commits it. */
export const receivedDecision = (
  header: RecordsHeader,
  frame: SoundFrame,
  about: Pick<FrameDecision, "contract" | "partner" | "time" | "replay">,
): FrameDecision => ({
  kind: "frame",
  side: "subscriber",
  ...about,
  agreement: header.agreement,
  plan: header.plan,
  partition: header.partition,
  sequence: header.sequence,
  count: header.count,
  frame: frame.digest,
  body: header.body,
  previous: header.previous,
  erasures: frame.tombstones,
});
