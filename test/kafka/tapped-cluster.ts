import { Cluster } from "../../src/kafka/cluster.ts";
import type { BrokerConnection } from "../../src/kafka/connection.ts";
import type { ApiVersion } from "../../src/kafka/request.ts";

/** What becomes of a request: `send` sends it to the broker. */
export type Tap = <Answer>(api: ApiVersion, send: () => Promise<Answer>) => Promise<Answer>;

/** A cluster whose requests of the data plane pass a tap, which may hold them up, fail them, or lie about their answers. */
export class TappedCluster extends Cluster {
  readonly #tap: Tap;

  constructor(settings: Cluster["settings"], tap: Tap) {
    super(settings);
    this.#tap = tap;
  }

  override async broker(id: number, use: string): Promise<BrokerConnection> {
    return this.#tapped(await super.broker(id, use));
  }

  #tapped(connection: BrokerConnection): BrokerConnection {
    const tap = this.#tap;
    const send: BrokerConnection["send"] = async (doing, api, write, read, room) =>
      await tap(api, async () => await connection.send(doing, api, write, read, room));
    return new Proxy(connection, {
      get: (target, name) => {
        if (name === "send") return send;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}
