import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { FAIR, FaultProxyLane, type Weather } from "./fault-proxy-lane.ts";

interface Connection {
  readonly sockets: readonly Socket[];
  readonly lanes: readonly FaultProxyLane[];
}

/** A TCP proxy on loopback, between two who know nothing of it, that does to them what networks do. Chance comes from `random` alone. */
export class FaultProxy {
  readonly #server: Server;
  readonly #random: () => number;
  readonly #connections = new Set<Connection>();
  #port = 0;
  #target = 0;
  #weather = FAIR;
  #isSilent = false;
  #accepted = 0;

  private constructor(random: () => number) {
    this.#random = random;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** `target` is a port on loopback; it may be said later, by `to`. `random` is in [0, 1). */
  static async start(random: () => number, target = 0): Promise<FaultProxy> {
    const proxy = new FaultProxy(random);
    proxy.#target = target;
    await proxy.#listen();
    return proxy;
  }

  /** Where to connect to, on loopback. */
  get port(): number {
    return this.#port;
  }

  /** Connections accepted since the beginning. */
  get accepted(): number {
    return this.#accepted;
  }

  to(target: number): void {
    this.#target = target;
  }

  /** Counts from the next chunk on, for all connections. */
  weather(changes: Partial<Weather>): void {
    this.#weather = { ...FAIR, ...changes };
  }

  /** Both ends of every connection see it break; the next connection is good. */
  cut(): void {
    for (const { sockets } of this.#connections) for (const socket of sockets) socket.resetAndDestroy();
    this.#connections.clear();
  }

  /**
   * Half-open, as after a firewall has forgotten what passed: nobody sees anything break, and nothing comes through any
   * more, not even an end. What was open stays so for good; what is opened is the same until `heal`.
   */
  silence(): void {
    this.#isSilent = true;
    for (const { lanes } of this.#connections) for (const lane of lanes) lane.deafen();
  }

  /** What was open is cut, and nobody listens until `heal`. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  /** Fair weather, and connections are accepted. What was silenced stays so. */
  async heal(): Promise<void> {
    this.#weather = FAIR;
    this.#isSilent = false;
    if (!this.#server.listening) await this.#listen();
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  #accept(near: Socket): void {
    this.#accepted += 1;
    const far = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    const weather = () => this.#weather;
    const lanes = [
      new FaultProxyLane(near, far, weather, this.#random),
      new FaultProxyLane(far, near, weather, this.#random),
    ];
    const connection = { sockets: [near, far], lanes };
    this.#connections.add(connection);
    if (this.#isSilent) for (const lane of lanes) lane.deafen();
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on("error", () => undefined);
      one.once("close", (hadError) => {
        // What was silenced hears nothing of the other end.
        if (hadError && !this.#isDeaf(connection)) other.resetAndDestroy();
        if (near.destroyed && far.destroyed) this.#connections.delete(connection);
      });
    }
  }

  #isDeaf({ lanes }: Connection): boolean {
    return lanes.some((lane) => lane.isDeaf);
  }
}
