import { connect as connectTcp, isIP, type OnReadOpts, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import type { KafkaTls } from "../kernel/kafka-settings.ts";

/** Time for the second attempt of TCP to connect, and for TLS over a long way. */
const CONNECT_TIMEOUT_MS = 3_000;
/** Small answers are read in here, and the beginnings of large ones. */
const STAGE_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;
/** Above what brokers send; a TLS alert read as a length is larger, since its first byte is 0x14 at least. */
const ANSWER_BYTES_MAX = 0x1400_0000 - 1;

export interface Address {
  readonly host: string;
  readonly port: number;
}

interface Waiting {
  readonly correlation: number;
  readonly answerMs: number;
  readonly room: (bytes: number) => Buffer;
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: Error) => void;
}

const newRoom = (bytes: number): Buffer => Buffer.allocUnsafeSlow(bytes);

/**
 * A TCP or TLS connection in Kafka's framing. Answers come in the order of the requests, and a large one goes from the
 * socket right to where it will lie. The first failure ends the connection and every request that waits; an answer that is
 * out for too long is one, because a connection that a firewall has forgotten breaks nowhere else.
 */
export class BrokerSocket {
  readonly #socket: Socket;
  readonly #stage = Buffer.allocUnsafeSlow(STAGE_BYTES);
  readonly #waiting: Waiting[] = [];
  /** Bytes of the stage that hold something. */
  #staged = 0;
  /** The large answer that is being read, and how much of it is there. */
  #large: { readonly bytes: Buffer; filled: number } | undefined;
  #correlation = 0;
  #failure: Error | undefined;
  #retired = false;
  /** Of the answer that is due next, and the time it was given. */
  #timer: NodeJS.Timeout | undefined;
  #timerMs = 0;

  readonly #onOverdue: () => void;

  private constructor(connect: (onread: OnReadOpts) => Socket, onOverdue: () => void) {
    this.#onOverdue = onOverdue;
    this.#socket = connect({
      // Asked before every read: the rest of a large answer is read where it belongs.
      buffer: () => this.#large?.bytes.subarray(this.#large.filled) ?? this.#stage.subarray(this.#staged),
      callback: (count) => this.#read(count),
    });
    this.#socket.setNoDelay(true);
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", () => this.#end(coded("ECONNRESET")));
  }

  /**
   * Throws what `node:net` and `node:tls` throw. Certificates are verified. `onOverdue` is called when the connection ends
   * because an answer did not come in its time.
   */
  static async open(
    address: Address,
    tls: KafkaTls | undefined,
    onOverdue: () => void = () => {},
  ): Promise<BrokerSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const opened = new BrokerSocket((onread) => {
      // The types know `onread` for plain connections alone.
      const options: TcpNetConnectOpts = { host: address.host, port: address.port, onread };
      return tls === undefined
        ? connectTcp(options, resolve)
        : connectTls({ ...options, ...tlsOptions(tls, address) }, resolve);
    }, onOverdue);
    opened.#socket.once("error", reject);
    const timer = setTimeout(() => opened.#socket.destroy(coded("ETIMEDOUT")), CONNECT_TIMEOUT_MS);
    try {
      await promise;
      return opened;
    } finally {
      clearTimeout(timer);
      opened.#socket.off("error", reject);
    }
  }

  get alive(): boolean {
    return this.#failure === undefined && !this.#retired;
  }

  /**
   * Sends header and body and resolves with the answer after its correlation id, for which nothing may come for `answerMs`.
   * `room` says where an answer that does not fit into the stage is to lie; the bytes it returns are the answer's until the
   * caller says otherwise. The body's are the caller's again when it resolves.
   */
  async request(
    header: (correlation: number) => Buffer,
    body: readonly Buffer[],
    answerMs: number,
    room: (bytes: number) => Buffer = newRoom,
  ): Promise<Buffer> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#correlation = (this.#correlation + 1) & 0x7fff_ffff;
    const correlation = this.#correlation;
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    const pieces = [length, header(correlation), ...body];
    length.writeInt32BE(pieces.reduce((sum, piece) => sum + piece.length, -LENGTH_BYTES));
    const { promise: answered, resolve, reject } = Promise.withResolvers<Buffer>();
    const { promise: written, resolve: onWritten } = Promise.withResolvers<void>();
    this.#waiting.push({ correlation, answerMs, room, resolve, reject });
    if (this.#timer === undefined) this.#awaitNext();
    this.#socket.cork();
    pieces.forEach((piece, at) => {
      this.#socket.write(piece, at === pieces.length - 1 ? () => onWritten() : undefined);
    });
    this.#socket.uncork();
    const answer = await answered;
    // Who answers before everything has left is no Kafka: it must not get what lies in that memory later, nor hold us up.
    const late = setTimeout(() => this.#overdue(), answerMs);
    await written;
    clearTimeout(late);
    return answer;
  }

  /** Ends the connection; requests in flight fail. */
  close(): void {
    this.#end(coded("ECONNRESET"));
  }

  /** Takes no part any more, and ends when the answers that are under way have come. */
  retire(): void {
    this.#retired = true;
    if (this.#waiting.length === 0) this.close();
  }

  #read(count: number): boolean {
    const large = this.#large;
    if (large === undefined) {
      this.#staged += count;
      this.#unstage();
    } else {
      large.filled += count;
      this.#timer?.refresh();
      if (large.filled === large.bytes.length) {
        this.#large = undefined;
        this.#settle(large.bytes);
      }
    }
    return this.#failure === undefined;
  }

  /** Settles the whole answers of the stage, and makes room for the one whose end is not there yet. */
  #unstage(): void {
    let at = 0;
    while (this.#staged - at >= LENGTH_BYTES && this.#failure === undefined) {
      const length = this.#stage.readInt32BE(at);
      const waiting = this.#waiting[0];
      // Nobody asked, or this is not Kafka.
      if (waiting === undefined || length < LENGTH_BYTES || length > ANSWER_BYTES_MAX) {
        this.#end(coded("ECONNABORTED"));
        return;
      }
      const begin = at + LENGTH_BYTES;
      if (begin + length <= this.#staged) {
        at = begin + length;
        this.#settle(Buffer.from(this.#stage.subarray(begin, at)));
      } else if (LENGTH_BYTES + length > STAGE_BYTES) {
        const bytes = waiting.room(length).subarray(0, length);
        this.#large = { bytes, filled: this.#stage.copy(bytes, 0, begin, this.#staged) };
        this.#staged = 0;
        return;
      } else break;
    }
    this.#stage.copyWithin(0, at, this.#staged);
    this.#staged -= at;
  }

  #settle(answer: Buffer): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined || answer.readInt32BE(0) !== waiting.correlation) {
      this.#end(coded("ECONNABORTED"));
      waiting?.reject(coded("ECONNABORTED"));
      return;
    }
    this.#awaitNext();
    if (this.#retired && this.#waiting.length === 0) this.close();
    waiting.resolve(answer.subarray(LENGTH_BYTES));
  }

  /** The answer that is due next has its time from now on: the broker begins with it when the one before is out. */
  #awaitNext(): void {
    const next = this.#waiting[0];
    if (next !== undefined && this.#timer !== undefined && next.answerMs === this.#timerMs) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#timerMs = next?.answerMs ?? 0;
    this.#timer = next && setTimeout(() => this.#overdue(), next.answerMs);
  }

  #overdue(): void {
    this.#onOverdue();
    this.#end(coded("ETIMEDOUT"));
  }

  #end(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** An error that carries its code alone, as those of the system do. */
const coded = (code: string): Error => Object.assign(new Error(code), { code });

function tlsOptions(tls: KafkaTls, { host }: Address) {
  // An IP address is no server name (RFC 6066, section 3), but is verified against the certificate all the same.
  const servername = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
  return {
    rejectUnauthorized: true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    ...(servername === undefined ? {} : { servername }),
  };
}
