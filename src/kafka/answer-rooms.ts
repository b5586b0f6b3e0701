/** Rooms that wait to be used again: one for the answer that is coming, and some that were given back meanwhile. */
const FREE_MAX = 3;
/** Answers of one reading are about of one size: rooms come in steps, so that the next fits as well. */
const STEP_BYTES = 256 * 1024;

/**
 * Memory for the large answers of one reading, used again once it was given back. New memory for every answer costs more
 * than reading it: its pages are made, cleared and given back to the system. What is never given back is the garbage
 * collector's.
 */
export class AnswerRooms {
  readonly #keptBytesMax: number;
  #free: Buffer[] = [];

  /** Rooms of more than `keptBytesMax` are not kept. */
  constructor(keptBytesMax: number) {
    this.#keptBytesMax = keptBytesMax;
  }

  /** A room of at least so many bytes, nobody else's until it is given back. */
  take(bytes: number): Buffer {
    const found = this.#free.find((room) => room.length >= bytes);
    if (found === undefined) return Buffer.allocUnsafeSlow(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES);
    this.#free = this.#free.filter((room) => room !== found);
    return found;
  }

  /** Nobody reads the room any more. */
  give(room: Buffer): void {
    if (room.length > this.#keptBytesMax) return;
    this.#free = [...this.#free, room].toSorted((a, b) => b.length - a.length).slice(0, FREE_MAX);
  }
}
