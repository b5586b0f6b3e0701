import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import { type Address, BrokerSocket } from "./broker-socket.ts";
import { BrokerFault, toMeshError } from "./fault.ts";
import type { ApiVersion, Request } from "./request.ts";
import { authenticate } from "./sasl.ts";
import { WireReader } from "./wire.ts";
import type { WireWriter } from "./wire-writer.ts";

/** A connection is replaced when this part of its session is over, before the broker ends it. */
const SESSION_SHARE = 0.8;

/**
 * How long nothing may come of an answer, ms. A request and then the question to any broker what is the matter take less than
 * ten seconds together.
 */
const ANSWER_MS = {
  /** Metadata, FindCoordinator, SaslHandshake, ApiVersions: every broker has it in its memory. */
  quick: 3_000,
  /** Fetches are held back for a quarter of a second, writes for three until all replicas have them; the rest may need a disk. */
  usual: 5_000,
  /** JoinGroup, SyncGroup: held back for six until the other members of a group are there. */
  others: 9_000,
} as const;
const KINDS: ReadonlyMap<number, keyof typeof ANSWER_MS> = new Map([
  [3, "quick"],
  [10, "quick"],
  [17, "quick"],
  [18, "quick"],
  [11, "others"],
  [14, "others"],
]);
/** A large request takes its time to get there: 8 Mbit/s, in steps, so that most requests have the same time. */
const STEP_BYTES = 512 * 1024;
const STEP_MS = 500;

/**
 * One authenticated connection to one broker; requests are answered in order. A request without an answer in time ends it,
 * and so does its session's end: it is not alive then, and another is to be opened.
 */
export class BrokerConnection {
  readonly address: Address;
  readonly #clientId: Buffer;
  readonly #socket: BrokerSocket;
  #until = Number.POSITIVE_INFINITY;

  private constructor(socket: BrokerSocket, address: Address, clientId: string) {
    this.#socket = socket;
    this.address = address;
    this.#clientId = Buffer.from(clientId);
  }

  /** Connects and authenticates; `onOverdue` as of `BrokerSocket.open`. Throws KAFKA_UNAVAILABLE, KAFKA_DENIED. */
  static async open(
    settings: KafkaSettings,
    address: Address,
    onOverdue?: () => void,
  ): Promise<BrokerConnection> {
    const doing = `connect to the broker at ${address.host}:${address.port}`;
    const socket = await BrokerSocket.open(address, settings.tls, onOverdue).catch((error: unknown) => {
      throw toMeshError(error, doing);
    });
    const connection = new BrokerConnection(socket, address, settings.clientId);
    try {
      if (settings.sasl === undefined) return connection;
      const sessionMs = await authenticate(
        async (doing, request, ...given) => await connection.call(doing, request, ...given),
        settings.sasl,
      );
      if (sessionMs > 0) connection.#until = performance.now() + sessionMs * SESSION_SHARE;
      return connection;
    } catch (error) {
      socket.close();
      throw toMeshError(connection.#translate(error, doing), doing);
    }
  }

  get alive(): boolean {
    return this.#socket.alive && performance.now() < this.#until;
  }

  /** A request of the control plane. Throws BrokerFault, KAFKA_UNAVAILABLE, KAFKA_REFUSED. */
  async call<Given extends readonly unknown[], Answer>(
    doing: string,
    { api, write, read }: Request<Given, Answer>,
    ...given: Given
  ): Promise<Answer> {
    return await this.send(
      doing,
      api,
      () => write(...given),
      (answer) => read(answer, doing),
    );
  }

  /**
   * A request. `read` gets the answer after its header; `room` says where a
   * large one is to lie. Throws KAFKA_UNAVAILABLE, KAFKA_REFUSED, and what `read` throws.
   */
  async send<Answer>(
    doing: string,
    api: ApiVersion,
    write: () => WireWriter,
    read: (answer: WireReader) => Answer,
    room?: (bytes: number) => Buffer,
  ): Promise<Answer> {
    try {
      const header = (correlation: number) => this.#header(api, correlation);
      const pieces = write().pieces();
      const answer = await this.#socket.request(header, pieces, answerMsOf(api, pieces), room);
      const reader = new WireReader(answer);
      if (api.plain === undefined) reader.tags();
      return read(reader);
    } catch (error) {
      throw this.#translate(error, doing);
    }
  }

  /** Ends the connection; requests in flight fail. */
  close(): void {
    this.#socket.close();
  }

  /** Ends the connection when the requests in flight are answered. */
  retire(): void {
    this.#socket.retire();
  }

  /** Request header of version 1, or 2 with tagged fields. */
  #header(api: ApiVersion, correlation: number): Buffer {
    const id = this.#clientId;
    const header = Buffer.alloc(10 + id.length + (api.plain === "both" ? 0 : 1));
    header.writeInt16BE(api.key, 0);
    header.writeInt16BE(api.version, 2);
    header.writeInt32BE(correlation, 4);
    header.writeInt16BE(id.length, 8);
    header.set(id, 10);
    return header;
  }

  #translate(error: unknown, doing: string): Error {
    if (error instanceof BrokerFault) return error;
    return toMeshError(error, `${doing}, at the broker ${this.address.host}:${this.address.port}`);
  }
}

function answerMsOf({ key }: ApiVersion, pieces: readonly Buffer[]): number {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return ANSWER_MS[KINDS.get(key) ?? "usual"] + Math.floor(bytes / STEP_BYTES) * STEP_MS;
}

/** Reads `host:port`; brackets around IPv6. Throws KAFKA_REFUSED for anything else. */
export function brokerAddress(text: string): Address {
  const [, inner, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):([0-9]{1,5})$/u.exec(text) ?? [];
  const host = inner ?? plain;
  if (host === undefined)
    throw new MeshError("KAFKA_REFUSED", `“${text}” is no address of a broker (host:port).`);
  return { host, port: Number(port) };
}
