import type { Socket } from "node:net";

/** How bytes fare on their way, in each direction. */
export interface Weather {
  /** Added to every chunk, ms. */
  readonly delayMs: number;
  /** Share of chunks, 0 to 1, that wait three round trips more, and with them all that comes after: what a lost segment is to TCP. */
  readonly lossShare: number;
  readonly bytesPerSecond: number;
}

export const FAIR: Weather = { delayMs: 0, lossShare: 0, bytesPerSecond: Number.POSITIVE_INFINITY };

/** What lies on the way before the sender is held back. */
const BYTES_UNDER_WAY_MAX = 64 * 1024;
/** A slow line hands on pieces of this size, so that it trickles and does not come in gushes. */
const PIECE_BYTES = 4 * 1024;

/** One direction of a connection: hands on in order what `from` says, when the weather lets it. */
export class FaultProxyLane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: () => Weather;
  readonly #random: () => number;
  readonly #queue: { readonly bytes: Buffer; readonly due: number }[] = [];
  #underWay = 0;
  #lastDue = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDeaf = false;
  #hasEnded = false;

  constructor(from: Socket, to: Socket, weather: () => Weather, random: () => number) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    this.#random = random;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => this.#end());
    to.on("drain", () => this.#pour());
  }

  get isDeaf(): boolean {
    return this.#isDeaf;
  }

  /** From now on everything is swallowed, also what is under way. */
  deafen(): void {
    this.#isDeaf = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
    this.#from.resume();
  }

  #take(bytes: Buffer): void {
    if (this.#isDeaf) return;
    const { delayMs, lossShare, bytesPerSecond } = this.#weather();
    const isLost = lossShare > 0 && this.#random() < lossShare;
    const pieceBytes = Number.isFinite(bytesPerSecond) ? PIECE_BYTES : bytes.length;
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      const sent = Math.max(performance.now() + delayMs * (isLost ? 7 : 1), this.#lastDue);
      this.#lastDue = sent + (piece.length / bytesPerSecond) * 1_000;
      this.#queue.push({ bytes: piece, due: this.#lastDue });
    }
    this.#underWay += bytes.length;
    if (this.#underWay > this.#bytesMax(delayMs)) this.#from.pause();
    this.#pour();
  }

  /** A long line holds more. */
  #bytesMax(delayMs: number): number {
    return BYTES_UNDER_WAY_MAX * (1 + delayMs);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#pour();
  }

  #pour(): void {
    clearTimeout(this.#timer);
    if (this.#isDeaf || this.#to.destroyed) return;
    while (!this.#to.writableNeedDrain) {
      const next = this.#queue[0];
      if (next === undefined) break;
      const wait = next.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pour(), wait);
        break;
      }
      this.#queue.shift();
      this.#underWay -= next.bytes.length;
      this.#to.write(next.bytes);
    }
    if (this.#underWay <= this.#bytesMax(this.#weather().delayMs)) this.#from.resume();
    if (this.#hasEnded && this.#queue.length === 0) this.#to.end();
  }
}
