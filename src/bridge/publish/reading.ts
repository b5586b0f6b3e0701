import type { SourcePosition, TopicDescription, TopicSource } from "../../kernel/ports.ts";
import type { News } from "./lent-news.ts";
import { isAt, ReadingWindow } from "./reading-window.ts";

/** How much of a reading is kept in memory. */
export interface WindowBounds {
  /** Bytes at most of what some have taken and others have not; one run is kept however large it is. */
  readonly bytesMax: number;
  /** Bytes that stay after all have taken them, while another reading could come to join here. */
  readonly keptBytes: number;
}

/** Who follows a reading. */
export interface Follower {
  /** Where it stands in each partition that it reads; without those that it knows to be wedged. */
  readonly places: ReadonlyMap<number, SourcePosition>;
  /** There may be more, or the reading has ended. */
  wake(): void;
}

/** Those that may be joined: topic and partitions, as `keyOf` names them → the readings of exactly these. */
export type Readings = Map<string, Set<Reading>>;

/** How the source ended: by itself, or with what it threw. */
interface Ending {
  readonly failure?: { readonly error: unknown };
}

/** Readings of the same name can stand for each other. */
export const keyOf = ({ topicId, partitions }: TopicDescription, read: Iterable<number>): string =>
  `${topicId} ${partitions} ${[...read].sort((a, b) => a - b).join(" ")}`;

/**
 * One `read` of a source, for all who follow it. Whoever has taken all that is in its window makes it go on; who is so slow
 * that the window would grow too large is left behind. It ends when nobody follows it any more.
 */
export class Reading {
  readonly #topic: TopicDescription;
  readonly #readings: Readings;
  readonly #bounds: WindowBounds;
  readonly #stop = new AbortController();
  readonly #source: AsyncIterator<News>;
  /** How far it has come in each partition that is not wedged. */
  readonly #heads: Map<number, SourcePosition>;
  /** Each with the number of what it takes next; numbers count what the source handed out. */
  readonly #followers = new Map<Follower, number>();
  readonly #window = new ReadingWindow();
  #isPulling = false;
  #ending: Ending | undefined;
  /** All that may stand for each other, this one too; undefined: this one can't be joined any more. */
  #siblings: Set<Reading> | undefined;

  constructor(
    source: TopicSource,
    topic: TopicDescription,
    from: ReadonlyMap<number, SourcePosition>,
    readings: Readings,
    bounds: WindowBounds,
  ) {
    this.#topic = topic;
    this.#readings = readings;
    this.#bounds = bounds;
    this.#heads = new Map(from);
    this.#source = source.read(topic, [...from.values()], this.#stop.signal)[Symbol.asyncIterator]();
    this.#file();
  }

  /** Whether more is asked for already. */
  get isPulling(): boolean {
    return this.#isPulling;
  }

  /** Whether it follows still, and was not left behind. */
  follows(follower: Follower): boolean {
    return this.#followers.has(follower);
  }

  /** Whether nothing comes after what is in the window. Throws what the source threw. */
  hasEnded(): boolean {
    if (this.#ending?.failure !== undefined) throw this.#ending.failure.error;
    return this.#ending !== undefined;
  }

  /** Whether who stands at these places can go on here: each lies in the window, or where the reading is. */
  covers(places: ReadonlyMap<number, SourcePosition>): boolean {
    const behind = new Map<number, SourcePosition>();
    for (const [partition, place] of places) {
      const head = this.#heads.get(partition);
      if (head === undefined || place.offset > head.offset) return false;
      if (!isAt(place, head)) behind.set(partition, place);
    }
    return this.#window.contains(behind);
  }

  /** Whether it has something that who stands at these places has not. */
  leads(places: ReadonlyMap<number, SourcePosition>): boolean {
    return [...places.values()].some(
      ({ partition, offset }) => (this.#heads.get(partition)?.offset ?? 0n) > offset,
    );
  }

  join(follower: Follower): void {
    this.#followers.set(follower, this.#window.first);
  }

  leave(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    if (this.#followers.size === 0) this.#close();
    else this.#trim();
  }

  /** What comes next for a follower; undefined: it has all that there is. */
  take(follower: Follower): News | undefined {
    for (;;) {
      const number = this.#followers.get(follower);
      const lent = number === undefined ? undefined : this.#window.at(number);
      if (number === undefined || lent === undefined) return undefined;
      this.#followers.set(follower, number + 1);
      const isLast = this.#followers.size === 1 && this.#keptBytes === 0;
      const isNew = isNewTo(lent.news, follower.places);
      const news = isNew ? (isLast ? lent.give() : lent.lend()) : undefined;
      this.#trim();
      if (news !== undefined) return news;
    }
  }

  /** Asks for more; the followers are woken when it is there. */
  pull(): void {
    if (this.#isPulling || this.#ending !== undefined) return;
    this.#isPulling = true;
    this.#source.next().then(
      (next) => this.#settle(next.done === true ? {} : next.value),
      (error: unknown) => this.#settle({ failure: { error } }),
    );
  }

  #settle(outcome: News | Ending): void {
    this.#isPulling = false;
    if (this.#stop.signal.aborted) return;
    if ("partition" in outcome || "next" in outcome) this.#add(outcome);
    else {
      this.#ending = outcome;
      this.#unfile();
    }
    for (const follower of [...this.#followers.keys()]) follower.wake();
  }

  #add(news: News): void {
    if ("error" in news) {
      // From now on it is one without that partition: who begins with it is told by a reading of its own.
      this.#unfile();
      this.#heads.delete(news.partition);
      this.#file();
    } else this.#heads.set(news.next.partition, news.next);
    this.#window.add(news);
    this.#trim();
  }

  /** Lets go of what all have taken, and of the oldest where it is too much: who has not taken that is left behind. */
  #trim(): void {
    const taken = Math.min(...this.#followers.values());
    this.#window.trim(taken, this.#keptBytes, this.#bounds.bytesMax);
    const { first } = this.#window;
    if (first <= taken) return;
    for (const [follower, number] of this.#followers) if (number < first) this.#followers.delete(follower);
    if (this.#followers.size === 0) this.#close();
  }

  /** Nothing stays for nobody. */
  get #keptBytes(): number {
    return (this.#siblings?.size ?? 0) > 1 ? this.#bounds.keptBytes : 0;
  }

  #file(): void {
    const key = keyOf(this.#topic, this.#heads.keys());
    this.#siblings = this.#readings.get(key) ?? new Set();
    this.#readings.set(key, this.#siblings.add(this));
  }

  #unfile(): void {
    const siblings = this.#siblings;
    this.#siblings = undefined;
    siblings?.delete(this);
    if (siblings?.size === 0) this.#readings.delete(keyOf(this.#topic, this.#heads.keys()));
    for (const sibling of siblings ?? []) sibling.#trim();
  }

  #close(): void {
    this.#unfile();
    this.#stop.abort();
    // It may be inside a long poll: it ends by its signal, nobody waits for it here.
    this.#source.return?.()?.catch(() => undefined);
    this.#window.clear();
  }
}

/** Whether a follower lacks it. What it never asked for, or knows to be wedged, it does not. */
function isNewTo(news: News, places: ReadonlyMap<number, SourcePosition>): boolean {
  if ("error" in news) return places.has(news.partition);
  const place = places.get(news.next.partition);
  return place !== undefined && place.offset < news.next.offset;
}
