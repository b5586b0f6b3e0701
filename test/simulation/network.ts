import type { Endpoint } from "../../src/kernel/endpoint.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { PartnerClient } from "../../src/kernel/ports.ts";
import { answerOf } from "../support/memory-partner.ts";
import type { Chance } from "./chance.ts";
import { Connection } from "./connection.ts";
import type { Life } from "./life.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { Weather } from "./weather.ts";

/** A process that serves partners. */
export interface Server {
  readonly life: Life;
  readonly rows: readonly Endpoint[];
}

/** Between the two companies. */
export class Network {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly weather: Weather;
  readonly #server: () => Server | undefined;
  readonly #connections = new Set<Connection>();
  readonly #closing: AbortController[] = [];
  heldMost = 0;

  constructor(time: VirtualTime, chance: Chance, weather: Weather, server: () => Server | undefined) {
    this.#time = time;
    this.#chance = chance;
    this.weather = weather;
    this.#server = server;
  }

  /** Those that may still carry something. */
  get open(): readonly Connection[] {
    return [...this.#connections];
  }

  /** Ends what is at work on any connection there ever was. */
  end(): void {
    for (const closed of this.#closing) closed.abort();
  }

  clientOf(life: Life, caller: string): PartnerClient {
    return {
      json: async (method, path, body) =>
        await this.#exchange(life, async ({ rows }) => {
          const answer = await answerOf(rows, caller, method, path, body);
          if (!("body" in answer)) throw new MeshError("PARTNER_ANSWER_INVALID", "The answer has no end.");
          return answer.body;
        }),
      stream: async (method, path, body, signal) =>
        await this.#exchange(life, async (server) => {
          const answer = await answerOf(server.rows, caller, method, path, body);
          if ("body" in answer) throw new MeshError("PARTNER_ANSWER_INVALID", "The answer has an end.");
          return this.#connect(answer.write, server.life, life, signal);
        }),
      close: async () => {},
    };
  }

  async #exchange<Value>(life: Life, serve: (server: Server) => Promise<Value>): Promise<Value> {
    const call = life.callIn(this.weather);
    try {
      return await call("call the partner", async () => {
        const server = this.#server();
        if (server === undefined) throw unreachable();
        // What a process that is killed would have answered never comes; the caller's own patience ends that.
        const dead = new Promise<never>((_, reject) => server.life.onEnd(() => reject(unreachable())));
        dead.catch(() => undefined);
        return await Promise.race([serve(server), dead]);
      });
    } catch (error) {
      throw error instanceof MeshError && error.code === "KAFKA_UNAVAILABLE" ? unreachable() : error;
    }
  }

  #connect(
    write: (out: Connection["out"], closed: AbortSignal) => Promise<void>,
    publisher: Life,
    subscriber: Life,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const connection = new Connection(this.#time, this.#chance, this.weather, subscriber);
    this.#connections.add(connection);
    this.#closing.push(connection.closed);
    const over = (): void => {
      this.heldMost = Math.max(this.heldMost, connection.heldMost);
      this.#connections.delete(connection);
    };
    // A killed process' host tells the other side; a host that lost its power does not.
    const breaks = !this.#chance.oneIn(3);
    for (const life of [publisher, subscriber])
      life.onEnd(() => {
        if (breaks) connection.break();
        else connection.silence();
        over();
      });
    write(connection.out, connection.closed.signal).then(
      () => {
        connection.finish(undefined);
        over();
      },
      (error: unknown) => {
        connection.finish(error ?? new Error("It failed."));
        over();
      },
    );
    return connection.chunks(signal);
  }
}

const unreachable = (): MeshError => new MeshError("PARTNER_UNREACHABLE", "The partner does not answer.");
