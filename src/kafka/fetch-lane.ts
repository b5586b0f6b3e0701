import { setTimeout as sleep } from "node:timers/promises";
import { AnswerRooms } from "./answer-rooms.ts";
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
/** The first answer is a small one, so that the first records are on their way while the rest comes. */
const FIRST_PARTITION_BYTES = 32 * 1024;
/** What an answer holds besides the records, about. */
const ANSWER_MARGIN_BYTES = 512 * 1024;

/** An answer whose bytes may lie in a room that is used again. */
export interface LaneAnswer extends FetchAnswer {
  /** Nobody reads the answer's bytes any more; undefined: they lie in no room. */
  readonly release: (() => void) | undefined;
}

/** Where a partition stands; undefined: nobody reads it any more. */
export type PlaceOf = (partition: number) => FetchPartition | undefined;

/** Fetches from one broker what it leads, one request in flight. Its answer waits here until it is taken. */
export class FetchLane {
  readonly #cluster: Cluster;
  readonly #leader: number;
  readonly #topic: { readonly name: string; readonly topicId: string };
  readonly #onReady: () => void;
  readonly #sizes: FetchSizes;
  readonly #rooms: AnswerRooms;
  #partitions: readonly number[];
  #sentAt = 0;
  #littleCame = false;
  #outcome: { readonly answer: LaneAnswer } | { readonly failure: unknown } | undefined;

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
    this.#partitions = partitions;
    this.#onReady = onReady;
    this.#sizes = sizes;
    this.#rooms = new AnswerRooms(sizes.bytesMax + ANSWER_MARGIN_BYTES);
  }

  /** Whether the last answer was small: the source has no more for now. */
  get littleCame(): boolean {
    return this.#littleCame;
  }

  /** Sends the next request, after the pace. Does nothing when none of its partitions has a place any more. */
  ask(placeOf: PlaceOf): void {
    this.#fetch(placeOf).then(
      (answer) => answer && this.#settle({ answer }),
      (failure: unknown) => this.#settle({ failure }),
    );
  }

  /** The answer that came, once; undefined while there is none. Throws what the request failed with. */
  take(): LaneAnswer | undefined {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    if (outcome === undefined) return undefined;
    if ("failure" in outcome) throw outcome.failure;
    return outcome.answer;
  }

  async #fetch(placeOf: PlaceOf): Promise<LaneAnswer | undefined> {
    const early = this.#littleCame ? this.#sentAt + PACE_MS - performance.now() : 0;
    if (early > 0) await sleep(early);
    const connection = await this.#cluster.broker(this.#leader, "fetch");
    const rows = this.#partitions.flatMap((partition) => placeOf(partition) ?? []);
    if (rows.length === 0) return undefined;
    const isFirst = this.#sentAt === 0;
    const partitionBytesMax = Math.min(this.#sizes.partitionBytesMax, FIRST_PARTITION_BYTES);
    const sizes = isFirst ? { ...this.#sizes, partitionBytesMax } : this.#sizes;
    this.#sentAt = performance.now();
    const doing = `fetch from the topic ${this.#topic.name}`;
    const write = () => writeFetch(this.#topic.topicId, rows, MAX_WAIT_MS, sizes);
    const read = (reader: Parameters<typeof readFetch>[0]): FetchAnswer => {
      this.#littleCame = reader.bytes.length < LITTLE_BYTES;
      return readFetch(reader);
    };
    let room: Buffer | undefined;
    const roomOf = (bytes: number): Buffer => {
      room = this.#rooms.take(bytes);
      return room;
    };
    const answer = await connection.send(doing, FETCH, write, read, roomOf);
    this.#queueUp(answer);
    const taken = room;
    return { ...answer, release: taken && (() => this.#rooms.give(taken)) };
  }

  /** The broker fills its answer in the order asked: whoever got something goes to the end, or it would starve the others. */
  #queueUp(answer: FetchAnswer): void {
    const served = new Set(
      answer.partitions
        .filter(({ records }) => records !== null && records.length > 0)
        .map(({ partition }) => partition),
    );
    const hungry = this.#partitions.filter((partition) => !served.has(partition));
    this.#partitions = [...hungry, ...this.#partitions.filter((partition) => served.has(partition))];
  }

  #settle(outcome: { readonly answer: LaneAnswer } | { readonly failure: unknown }): void {
    this.#outcome = outcome;
    this.#onReady();
  }
}
