import {
  type API,
  type Callback,
  type Connection,
  parseBroker,
  Reader,
  ResponseError,
  type ResponseParser,
  type Writer,
} from "@platformatic/kafka";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import { type Address, BrokerSocket } from "./broker-socket.ts";
import { BrokerFault, toMeshError } from "./fault.ts";
import { authenticate } from "./sasl.ts";
import { WireReader } from "./wire.ts";
import type { WireWriter } from "./wire-writer.ts";

/** A connection is replaced when this part of its session is over, before the broker ends it. */
const SESSION_SHARE = 0.8;

/** Which request, in which version of its layout. */
export interface ApiVersion {
  readonly key: number;
  readonly version: number;
}

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

  /** Connects and authenticates. Throws KAFKA_UNAVAILABLE, KAFKA_DENIED. */
  static async open(settings: KafkaSettings, address: Address): Promise<BrokerConnection> {
    const doing = `connect to the broker at ${address.host}:${address.port}`;
    const socket = await BrokerSocket.open(address, settings.tls).catch((error: unknown) => {
      throw toMeshError(error, doing);
    });
    const connection = new BrokerConnection(socket, address, settings.clientId);
    try {
      if (settings.sasl === undefined) return connection;
      const sessionMs = await authenticate(connection.#library, settings.sasl);
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

  /** A request of the library's own API modules. Throws BrokerFault, KAFKA_UNAVAILABLE, KAFKA_DENIED. */
  async call<Arguments extends unknown[], Answer>(
    doing: string,
    api: API<Arguments, Answer>,
    ...request: Arguments
  ): Promise<Answer> {
    try {
      return await api.async(this.#library, ...request);
    } catch (error) {
      throw this.#translate(error, doing);
    }
  }

  /**
   * A request of our own, of a flexible version (KIP-482). `read` gets the answer after its header; `room` says where a
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
      const header = (correlation: number) => this.#header(api, correlation, true);
      const reader = new WireReader(await this.#socket.request(header, write().pieces(), room));
      reader.tags();
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

  /** What the library's API modules use of its own connection, which collects an answer in pieces and joins them. */
  get #library(): Connection {
    const send = (
      key: number,
      version: number,
      write: () => Writer,
      parse: ResponseParser<unknown>,
      taggedRequest: boolean,
      taggedAnswer: boolean,
      callback: Callback<unknown>,
    ): void => {
      const header = (correlation: number) => this.#header({ key, version }, correlation, taggedRequest);
      this.#socket
        .request(header, write().buffers)
        .then(async (answer) => {
          const reader = new WireReader(answer);
          if (taggedAnswer) reader.tags();
          return await parse(0, key, version, Reader.from(answer.subarray(reader.at)));
        })
        .then(
          (answer) => callback(null, answer),
          (error: Error) => callback(error),
        );
    };
    // Its type is a class with private members; the modules call this one method.
    return { send } as unknown as Connection;
  }

  /** Request header of version 1, or 2 with tagged fields. */
  #header(api: ApiVersion, correlation: number, tagged: boolean): Buffer {
    const id = this.#clientId;
    const header = Buffer.alloc(10 + id.length + (tagged ? 1 : 0));
    header.writeInt16BE(api.key, 0);
    header.writeInt16BE(api.version, 2);
    header.writeInt32BE(correlation, 4);
    header.writeInt16BE(id.length, 8);
    header.set(id, 10);
    return header;
  }

  #translate(error: unknown, doing: string): Error {
    if (error instanceof BrokerFault) return error;
    if (error instanceof ResponseError) {
      const code: unknown = error.errors[0]?.apiCode;
      if (typeof code === "number") return new BrokerFault(code, doing);
    }
    return toMeshError(error, `${doing}, at the broker ${this.address.host}:${this.address.port}`);
  }
}

/** Reads `host:port`; brackets around IPv6. */
export function brokerAddress(text: string): Address {
  const { host, port } = parseBroker(text);
  return { host, port };
}
