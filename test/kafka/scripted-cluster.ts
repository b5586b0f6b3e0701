import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WireWriter } from "../../src/kafka/wire-writer.ts";

const KEYS = { 0: "produce", 1: "fetch", 3: "metadata", 22: "initProducerId" } as const;
/** What a broker may be asked here. */
export type Asked = (typeof KEYS)[keyof typeof KEYS];

const PRODUCER_ID = 4711n;
/** As the reader asks for it. */
const FETCH_WAIT_MS = 250;
const TOPIC_ID = "0123456789abcdef0123456789abcdef";

interface Broker {
  readonly id: number;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly port: number;
}

/**
 * Brokers on loopback with one topic of one partition, which store nothing. They speak as much of Kafka's protocol as an
 * appender and a reader ask for, and say who leads as the test wants it.
 */
export class ScriptedCluster {
  readonly topic = { name: "scripted", topicId: TOPIC_ID, partitions: 1 };
  /** What was asked of whom, oldest first. */
  readonly asked: { readonly id: number; readonly what: Asked }[] = [];
  /** Says who leads, as often as somebody asks. */
  leader: () => number = () => 1;
  /** The error code that answers to Produce carry; 0: none. */
  fault = 0;
  /** Where clients are told that a broker is; by default where it is. */
  advertised: (port: number) => number = (port) => port;
  readonly #brokers: Broker[] = [];

  /** Brokers with the ids 1, 2, … */
  static async start(count: number): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster();
    for (let id = 1; id <= count; id += 1) await cluster.#start(id);
    return cluster;
  }

  /** `host:port` of every broker, the dead ones, too. */
  get bootstrap(): readonly string[] {
    return this.#brokers.map(({ port }) => `127.0.0.1:${this.advertised(port)}`);
  }

  portOf(id: number): number {
    return this.#brokers.find((broker) => broker.id === id)?.port ?? 0;
  }

  /** As SIGKILL does: connections break, and nobody listens. */
  kill(id: number): void {
    const broker = this.#brokers.find((each) => each.id === id);
    broker?.server.close();
    for (const socket of broker?.sockets ?? []) socket.resetAndDestroy();
  }

  stop(): void {
    for (const { id } of this.#brokers) this.kill(id);
  }

  async #start(id: number): Promise<void> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      this.#serve(id, socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#brokers.push({ id, server, sockets, port: (server.address() as AddressInfo).port });
  }

  #serve(id: number, socket: Socket): void {
    let had = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      had = Buffer.concat([had, chunk]);
      while (had.length >= 4 && had.length >= 4 + had.readInt32BE()) {
        const request = had.subarray(4, 4 + had.readInt32BE());
        had = had.subarray(4 + request.length);
        void this.#answer(id, socket, request.readInt16BE(0), request.readInt32BE(4));
      }
    });
  }

  async #answer(id: number, socket: Socket, key: number, correlation: number): Promise<void> {
    const what = (KEYS as Readonly<Record<number, Asked>>)[key];
    if (what === undefined) throw new Error(`The script has no answer to the request ${key}.`);
    this.asked.push({ id, what });
    if (what === "fetch") await sleep(FETCH_WAIT_MS);
    const header = new WireWriter().int32(correlation).tags();
    const frame = Buffer.concat([...header.pieces(), ...this.#bodies[what]().pieces()]);
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    socket.write(Buffer.concat([length, frame]));
  }

  readonly #bodies: Readonly<Record<Asked, () => WireWriter>> = {
    metadata: () =>
      new WireWriter()
        .int32(0)
        .list(this.#brokers, (w, { id, port }) =>
          w.int32(id).text("127.0.0.1").int32(this.advertised(port)).text(null).tags(),
        )
        .text("cluster")
        .int32(1)
        .list([this.topic], (w, { name, topicId }) => {
          w.int16(0).text(name).uuid(topicId).int8(0);
          w.list([this.leader()], (row, leader) => {
            // Whoever comes after another leads in a later epoch.
            row.int16(0).int32(0).int32(leader).int32(leader);
            for (const ids of [[leader], [leader], []]) row.list(ids, (each, id) => each.int32(id));
            row.tags();
          });
          w.int32(0).tags();
        })
        .tags(),
    initProducerId: () => new WireWriter().int32(0).int16(0).int64(PRODUCER_ID).int16(0).tags(),
    produce: () =>
      new WireWriter()
        .list([this.topic], (w, { name }) => {
          w.text(name).list([0], (row, partition) => {
            row.int32(partition).int16(this.fault).int64(0n).int64(-1n).int64(0n);
            row.list([], () => {}).text(null);
            row.tags();
          });
          w.tags();
        })
        .int32(0)
        .tags(),
    fetch: () =>
      new WireWriter()
        .int32(0)
        .int16(0)
        .int32(0)
        .list([], () => {})
        .tags(),
  };
}
