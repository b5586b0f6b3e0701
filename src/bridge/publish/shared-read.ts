import assert from "node:assert/strict";
import type { SourceBatch, SourcePosition, TopicDescription, TopicSource } from "../../kernel/ports.ts";
import { baseOffsetOf } from "../frames/batch-fields.ts";
import type { News } from "./lent-news.ts";
import { type Follower, keyOf, Reading, type Readings, type WindowBounds } from "./reading.ts";

/**
 * One `read`, by whichever reading has what comes next: its places decide. It joins one whose window they lie in, and moves
 * when they come to lie in another's; else it has a reading of its own. Where it was left behind it begins so again.
 */
export class SharedRead implements AsyncIterator<News, undefined>, Follower {
  readonly places: Map<number, SourcePosition>;
  readonly #topic: TopicDescription;
  readonly #signal: AbortSignal;
  readonly #source: TopicSource;
  readonly #readings: Readings;
  readonly #bounds: WindowBounds;
  #key: string;
  #reading: Reading | undefined;
  #more: PromiseWithResolvers<void> | undefined;
  #isOver: boolean;

  constructor(
    [topic, from, signal]: Parameters<TopicSource["read"]>,
    source: TopicSource,
    readings: Readings,
    bounds: WindowBounds,
  ) {
    this.places = new Map(from.map((position) => [position.partition, position]));
    this.#topic = topic;
    this.#signal = signal;
    this.#source = source;
    this.#readings = readings;
    this.#bounds = bounds;
    this.#key = keyOf(topic, this.places.keys());
    this.#isOver = signal.aborted;
    if (!this.#isOver) signal.addEventListener("abort", this.#leave);
  }

  async next(): Promise<IteratorResult<News, undefined>> {
    try {
      while (!this.#isOver) {
        const reading = this.#follow();
        const news = reading.take(this);
        if (news !== undefined) return { done: false, value: this.#advance(news) };
        if (reading.hasEnded()) break;
        if (!this.#moves(reading)) await this.#wait(reading);
      }
    } catch (error) {
      this.#leave();
      throw error;
    }
    this.#leave();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<News, undefined>> {
    this.#leave();
    return { done: true, value: undefined };
  }

  wake(): void {
    this.#more?.resolve();
    this.#more = undefined;
  }

  #follow(): Reading {
    if (this.#reading?.follows(this) === true) return this.#reading;
    const own = (): Reading =>
      new Reading(this.#source, this.#topic, this.places, this.#readings, this.#bounds);
    const reading = this.#find(() => true) ?? own();
    this.#join(reading);
    return reading;
  }

  /** Before a reading asks the source: another may have it already, or ask for it just now. Then nobody asks twice. */
  #moves(reading: Reading): boolean {
    if (reading.isPulling) return false;
    const other = this.#find((each) => each !== reading && (each.isPulling || each.leads(this.places)));
    if (other !== undefined) this.#join(other);
    return other !== undefined;
  }

  #find(isFit: (reading: Reading) => boolean): Reading | undefined {
    for (const reading of this.#readings.get(this.#key) ?? [])
      if (isFit(reading) && reading.covers(this.places)) return reading;
    return undefined;
  }

  #join(reading: Reading): void {
    reading.join(this);
    this.#reading?.leave(this);
    this.#reading = reading;
  }

  async #wait(reading: Reading): Promise<void> {
    this.#more ??= Promise.withResolvers();
    reading.pull();
    await this.#more.promise;
  }

  #advance(news: News): News {
    if ("error" in news) {
      this.places.delete(news.partition);
      this.#key = keyOf(this.#topic, this.places.keys());
      return news;
    }
    const place = this.places.get(news.next.partition);
    assert(place !== undefined && news.from.offset <= place.offset, "Nothing before the run is left out.");
    this.places.set(news.next.partition, news.next);
    return news.from.offset === place.offset ? news : restOf(news, place);
  }

  readonly #leave = (): void => {
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#leave);
    this.#reading?.leave(this);
    this.#reading = undefined;
    this.wake();
  };
}

/** A run from a place in it on. The place may lie inside a batch, or in what no batch is left of. */
function restOf(run: SourceBatch, place: SourcePosition): SourceBatch {
  const after = run.batches.findIndex((batch) => baseOffsetOf(batch) > place.offset);
  const first = (after === -1 ? run.batches.length : after) - 1;
  return { ...run, from: place, batches: run.batches.slice(Math.max(0, first)) };
}
