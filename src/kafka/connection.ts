import { isIP } from "node:net";
import {
  type API,
  Connection,
  type ConnectionOptions,
  parseBroker,
  ResponseError,
  type Writer,
} from "@platformatic/kafka";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSasl, KafkaSettings, KafkaTls } from "../kernel/kafka-settings.ts";
import { BrokerFault, toMeshError } from "./fault.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** Longest a broker holds an answer back is 30 s of its own; ours are shorter. */
const REQUEST_TIMEOUT_MS = 15_000;
/** The most that an idempotent producer may have in flight (KIP-98). */
const REQUESTS_IN_FLIGHT_MAX = 5;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One authenticated connection to one broker; requests are answered in order. A request that times out ends it. */
export class BrokerConnection {
  readonly address: Address;
  readonly #connection: Connection;

  private constructor(connection: Connection, address: Address) {
    this.#connection = connection;
    this.address = address;
  }

  /** Connects and authenticates. Throws KAFKA_UNAVAILABLE, KAFKA_DENIED. */
  static async open(settings: KafkaSettings, address: Address): Promise<BrokerConnection> {
    const connection = new Connection(settings.clientId, options(settings, address));
    // Failures reach the requests; the event would be an uncaught error.
    connection.on("error", () => {});
    try {
      await connection.connect(address.host, address.port);
      return new BrokerConnection(connection, address);
    } catch (error) {
      void connection.close().catch(() => {});
      throw toMeshError(error, `connect to the broker at ${address.host}:${address.port}`);
    }
  }

  get alive(): boolean {
    return this.#connection.isConnected();
  }

  /** A request of the library's own API modules. Throws BrokerFault, KAFKA_UNAVAILABLE, KAFKA_DENIED. */
  async call<Arguments extends unknown[], Answer>(
    doing: string,
    api: API<Arguments, Answer>,
    ...request: Arguments
  ): Promise<Answer> {
    try {
      return await api.async(this.#connection, ...request);
    } catch (error) {
      throw this.#translate(error, doing);
    }
  }

  /**
   * A request whose layout the library does not have, or whose answer must stay bytes. `read` gets the whole answer after
   * its header. Throws KAFKA_UNAVAILABLE, KAFKA_REFUSED.
   */
  async send<Answer>(
    doing: string,
    api: { readonly key: number; readonly version: number },
    write: () => Writer,
    read: (answer: Buffer) => Answer,
  ): Promise<Answer> {
    return await new Promise<Answer>((resolve, reject) => {
      this.#connection.send(
        api.key,
        api.version,
        write,
        (_correlation, _key, _version, reader) => read(reader.buffer.slice(reader.position)),
        true,
        true,
        (error, answer) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(this.#translate(error, doing));
        },
      );
    });
  }

  /** Ends the connection; requests in flight fail. */
  close(): void {
    void this.#connection.close().catch(() => {});
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

function options(settings: KafkaSettings, address: Address): ConnectionOptions {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxInflights: REQUESTS_IN_FLIGHT_MAX,
    ...(settings.tls === undefined ? {} : tlsOptions(settings.tls, address)),
    ...(settings.sasl === undefined ? {} : { sasl: saslOptions(settings.sasl) }),
  };
}

function tlsOptions(tls: KafkaTls, address: Address): Pick<ConnectionOptions, "tls" | "tlsServerName"> {
  // An IP address is no server name (RFC 6066, section 3), but is verified against the certificate all the same.
  const name = tls.serverName ?? (isIP(address.host) === 0 ? address.host : undefined);
  return {
    tls: {
      rejectUnauthorized: true,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    },
    ...(name === undefined ? {} : { tlsServerName: name }),
  };
}

const MECHANISMS = {
  plain: "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
} as const;

function saslOptions(sasl: KafkaSasl): NonNullable<ConnectionOptions["sasl"]> {
  if (sasl.mechanism !== "oauthbearer") {
    return {
      mechanism: MECHANISMS[sasl.mechanism],
      username: sasl.username,
      password: () => sasl.password.reveal(),
    };
  }
  return {
    mechanism: "OAUTHBEARER",
    token: async () => (await sasl.token()).reveal(),
    // A broker that refuses a token says so in an answer without an error code (RFC 7628, section 3.2.2).
    authBytesValidator: (bytes, callback) => {
      if (bytes.length === 0) callback(null, bytes);
      else callback(new MeshError("KAFKA_DENIED", "Kafka refused the token."));
    },
  };
}
