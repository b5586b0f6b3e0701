import type { MemoryCluster } from "../support/memory-cluster.ts";
import type { Stretch } from "../support/memory-log.ts";
import type { Chance } from "./chance.ts";
import type { Kind } from "./companies.ts";
import { plainCodec, recordOf } from "./plain-codec.ts";
import type { VirtualTime } from "./virtual-time.ts";

export const SOURCE_TOPIC = "dcm.material-demand";

/** A record that somebody produced, and what became of it. */
export interface Produced {
  readonly text: string;
  readonly kind: Kind;
  readonly stretch: Stretch;
  /** How often the topic had been made again before. */
  readonly generation: number;
  /** Gone: deleted by retention, or never there after an unclean election. */
  gone: "expired" | "cut" | "deleted" | undefined;
}

/** The source cluster's applications: what they write, and what happens to it there. */
export class History {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly cluster: MemoryCluster;
  /** By partition, in the order of the log. */
  readonly records: Produced[][] = [];
  generation = 0;
  #named = 0;

  constructor(time: VirtualTime, chance: Chance, cluster: MemoryCluster, partitions: number) {
    this.#time = time;
    this.#chance = chance;
    this.cluster = cluster;
    this.cluster.makeTopic(SOURCE_TOPIC, partitions);
    this.#follow();
  }

  get partitions(): number {
    return this.records.length;
  }

  /** A batch in some partition: outside of any transaction, or in one that ends later, one way or the other. */
  produce(): void {
    const chance = this.#chance;
    const kinds = Array.from({ length: chance.between(2, 12) }, () =>
      chance.pick(["p", "p", "p", "b", "d"] as const),
    );
    this.produceInto(chance.below(this.partitions), kinds, chance.oneIn(4));
  }

  produceInto(partition: number, kinds: readonly Kind[], isOpen: boolean): void {
    if (!this.cluster.topics.has(SOURCE_TOPIC)) return;
    const log = this.cluster.log(SOURCE_TOPIC, partition);
    const texts = kinds.map((kind) => {
      this.#named += 1;
      return `${kind}${this.#named}`;
    });
    const batch = plainCodec.encode(texts.map((text) => recordOf(text, Math.floor(this.#time.now))));
    const stretch = log.append(batch, texts.length, isOpen ? "open" : "committed");
    const { generation } = this;
    for (const [at, text] of texts.entries())
      this.#of(partition).push({ text, kind: kinds[at] ?? "d", stretch, generation, gone: undefined });
    if (isOpen)
      this.#time.after(this.#chance.between(0, 1_500), () => {
        stretch.state = this.#chance.oneIn(3) ? "aborted" : "committed";
        if (this.cluster.topics.get(SOURCE_TOPIC)?.logs[partition] === log) log.skip(1);
        this.cluster.wake();
      });
    this.cluster.wake();
  }

  /** Retention: records at the beginning of a partition go. */
  expire(partition: number): boolean {
    const log = this.cluster.log(SOURCE_TOPIC, partition);
    const cut = this.#chance.oneIn(2) ? log.stable : this.#chance.pick(log.stretches.map(({ end }) => end));
    if (cut <= log.start || cut > log.stable) return false;
    log.truncateBelow(cut);
    this.#mark(partition, "expired", ({ end }) => end <= cut);
    return true;
  }

  /** A leader is elected that had less: what it did not have is gone, and others write in its place. */
  cutBack(partition: number): boolean {
    const log = this.cluster.log(SOURCE_TOPIC, partition);
    const last = log.stretches.slice(-4);
    if (last.length === 0) return false;
    const { base } = this.#chance.pick(last);
    if (base < log.start) return false;
    log.cutBack(base);
    this.#mark(partition, "cut", (stretch) => stretch.base >= base);
    return true;
  }

  /** The disk below the newest batch is broken. */
  corruptLast(partition: number): boolean {
    const last = this.cluster.log(SOURCE_TOPIC, partition).stretches.at(-1);
    if (last?.batch === undefined) return false;
    last.isCorrupt = true;
    return true;
  }

  /** Another replica takes over, and has everything. */
  changeLeader(partition: number): boolean {
    const { topics } = this.cluster;
    topics.get(SOURCE_TOPIC)?.logs[partition]?.changeLeader();
    return topics.has(SOURCE_TOPIC);
  }

  remake(): boolean {
    const { partitions } = this;
    this.delete();
    this.generation += 1;
    this.cluster.makeTopic(SOURCE_TOPIC, partitions);
    return true;
  }

  delete(): boolean {
    for (let partition = 0; partition < this.partitions; partition += 1)
      this.#mark(partition, "deleted", () => true);
    this.cluster.deleteTopic(SOURCE_TOPIC);
    return true;
  }

  grow(): boolean {
    if (!this.cluster.topics.has(SOURCE_TOPIC)) return false;
    this.cluster.growTopic(SOURCE_TOPIC, this.partitions + 1);
    this.#follow();
    return true;
  }

  #of(partition: number): Produced[] {
    const records = this.records[partition];
    if (records === undefined) throw new Error("There is such a partition.");
    return records;
  }

  #mark(partition: number, gone: Produced["gone"], isGone: (stretch: Stretch) => boolean): void {
    for (const record of this.#of(partition))
      if (record.gone === undefined && record.generation === this.generation && isGone(record.stretch))
        record.gone = gone;
  }

  #follow(): void {
    const { logs } = this.cluster.topic(SOURCE_TOPIC);
    while (this.records.length < logs.length) this.records.push([]);
  }
}
