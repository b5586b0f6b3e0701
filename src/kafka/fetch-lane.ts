import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import {
  FETCH,
  type FetchAnswer,
  type FetchPartition,
  type FetchSizes,
  readFetch,
  writeFetch,
} from "./fetch-request.ts";

/** How long the broker holds an answer back when there is nothing to read. */
const MAX_WAIT_MS = 250;
/** Least time between two requests while little arrives: a record at a time would cost more than it hastens. */
const PACE_MS = 4;
const LITTLE_BYTES = 64 * 1024;

/** Fetches from one broker what it leads, one request in flight. Its answer waits here until it is taken. */
export class FetchLane {
  readonly #cluster: Cluster;
  readonly #leader: number;
  readonly #topic: { readonly name: string; readonly topicId: string };
  readonly #onReady: () => void;
  readonly #sizes: FetchSizes;
  #partitions: number[];
  #sentAt = 0;
  #littleCame = false;
  #outcome: { readonly answer: FetchAnswer } | { readonly failure: unknown } | undefined;

  /** `onReady` is called when `take` has something. */
  constructor(
    cluster: Cluster,
    leader: number,
    topic: { readonly name: string; readonly topicId: string },
    partitions: readonly number[],
    onReady: () => void,
    sizes: FetchSizes,
  ) {
    this.#cluster = cluster;
    this.#leader = leader;
    this.#topic = topic;
    this.#partitions = [...partitions];
    this.#onReady = onReady;
    this.#sizes = sizes;
  }

  /** Sends the next request, after the pace; `place` says where each partition stands by then. */
  ask(place: (partition: number) => FetchPartition): void {
    this.#fetch(place).then(
      (answer) => this.#settle({ answer }),
      (failure: unknown) => this.#settle({ failure }),
    );
  }

  /** The answer that came, once; undefined while there is none. Throws what the request failed with. */
  take(): FetchAnswer | undefined {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    if (outcome === undefined) return undefined;
    if ("failure" in outcome) throw outcome.failure;
    return outcome.answer;
  }

  async #fetch(place: (partition: number) => FetchPartition): Promise<FetchAnswer> {
    const early = this.#littleCame ? this.#sentAt + PACE_MS - performance.now() : 0;
    if (early > 0) await sleep(early);
    const connection = await this.#cluster.broker(this.#leader, "fetch");
    this.#sentAt = performance.now();
    const rows = this.#partitions.map(place);
    // The broker fills its answer in the order asked: without the turn, the first would starve the others.
    this.#partitions = [...this.#partitions.slice(1), ...this.#partitions.slice(0, 1)];
    const doing = `fetch from the topic ${this.#topic.name}`;
    const write = () => writeFetch(this.#topic.topicId, rows, MAX_WAIT_MS, this.#sizes);
    return await connection.send(doing, FETCH, write, (bytes) => {
      this.#littleCame = bytes.length < LITTLE_BYTES;
      return readFetch(bytes);
    });
  }

  #settle(outcome: { readonly answer: FetchAnswer } | { readonly failure: unknown }): void {
    this.#outcome = outcome;
    this.#onReady();
  }
}
