import { sharedOut } from "../../src/kafka/group-plan.ts";
import { transactionalIds } from "../../src/kafka/transactional-ids.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { LinkGroups, LinkMember, LinkShare, LinkTerm } from "../../src/kernel/link-groups.ts";
import type { Clock, ReplicaLink } from "../../src/kernel/ports.ts";
import type { MemoryCluster } from "./memory-cluster.ts";

/** How soon a member learns that its group forms anew, and after what silence it is given up, as in src/kafka. */
const BEAT_MS = 1_000;
const SESSION_MS = 6_000;

/** What the coordinator knows of a member. */
interface Seat {
  readonly partitions: number;
  readonly part: LinkShare | undefined;
  /** Undefined: it has not joined the generation that forms. */
  readonly enter: ((term: LinkTerm) => void) | undefined;
  readonly over: AbortController;
}

interface Group {
  generation: number;
  readonly seats: Map<string, Seat>;
  /** Shares out, if all members have joined. */
  complete: () => void;
}

/** The coordinator of the groups of links in a cluster in memory. */
export class MemoryGroups implements LinkGroups {
  readonly #cluster: MemoryCluster;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();
  #members = 0;

  constructor(cluster: MemoryCluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
    cluster.groups = this;
  }

  member(link: ReplicaLink, shares: number): LinkMember {
    this.#members += 1;
    const name = `member-${this.#members}`;
    return {
      join: async (partitions, signal) => {
        signal.throwIfAborted();
        const left = Promise.withResolvers<never>();
        signal.addEventListener("abort", () => left.reject(signal.reason as Error), { once: true });
        return await Promise.race([left.promise, this.#join(link, shares, name, partitions)]);
      },
      leave: async () => this.#remove(link.group, name),
    };
  }

  /** Who has which partitions now, by slot. */
  shares(group: string): readonly (readonly number[])[] {
    const parts = [...(this.#groups.get(group)?.seats.values() ?? [])].flatMap(({ part }) => part ?? []);
    return parts.sort((a, b) => a.slot - b.slot).map(({ partitions }) => partitions);
  }

  /** The coordinator has not heard of the holder of a slot for too long; it does not know of that itself. */
  async giveUp(group: string, slot: number): Promise<void> {
    const seats = this.#groups.get(group)?.seats ?? new Map<string, Seat>();
    const name = [...seats].find(([, { part }]) => part?.slot === slot)?.[0];
    await this.#clock.sleep(SESSION_MS);
    if (name !== undefined) this.#remove(group, name);
  }

  /** Throws LINK_REBALANCED for a commit of another generation, LINK_SHARED for one of a process that shares with nobody. */
  check({ group, share }: ReplicaLink): void {
    const known = this.#groups.get(group);
    if (share === undefined) {
      if (known === undefined) return;
      const members = known.seats.size;
      throw new MeshError("LINK_SHARED", "The group has or had members.", { context: { members } });
    }
    if (known?.generation !== share.generation || !known.seats.has(share.member))
      throw new MeshError("LINK_REBALANCED", "The group has formed anew.");
  }

  async #join(link: ReplicaLink, shares: number, name: string, partitions: number): Promise<LinkTerm> {
    const group: Group = this.#groups.get(link.group) ?? {
      generation: 0,
      seats: new Map(),
      complete: () => undefined,
    };
    this.#groups.set(link.group, group);
    const { promise, resolve } = Promise.withResolvers<LinkTerm>();
    const part = group.seats.get(name)?.part;
    group.seats.set(name, { partitions, part, enter: resolve, over: new AbortController() });
    group.complete = () => this.#complete(link, shares, group);
    this.#tell(group);
    group.complete();
    return await promise;
  }

  #remove(name: string, member: string): void {
    const group = this.#groups.get(name);
    if (group?.seats.delete(member) !== true) return;
    this.#tell(group);
    // Who has joined already waits for one fewer now.
    if ([...group.seats.values()].some(({ enter }) => enter !== undefined)) group.complete();
  }

  /** Those that have not joined learn of it by their next heartbeat. */
  #tell(group: Group): void {
    for (const { enter, over } of group.seats.values())
      if (enter === undefined) void this.#clock.sleep(BEAT_MS).then(() => over.abort());
  }

  #complete(link: ReplicaLink, shares: number, group: Group): void {
    const { seats } = group;
    if ([...seats.values()].some(({ enter }) => enter === undefined)) return;
    group.generation += 1;
    for (let slot = 0; slot < shares; slot += 1)
      for (const id of transactionalIds(link.transactionalId, slot)) this.#cluster.transactions.begin(id);
    this.#cluster.wake();
    const partitions = Math.max(...[...seats.values()].map((seat) => seat.partitions));
    const isBegun = [...this.#cluster.cursors.keys()].some((key) => key.startsWith(`${link.group} `));
    const candidates = [...seats].map(([member, { part, partitions: known }]) => {
      return { member, slot: part?.slot, held: part?.partitions ?? [], partitions: known };
    });
    const parts = sharedOut(candidates, partitions, isBegun ? shares : 1);
    for (const [member, { partitions: known, enter }] of seats) {
      const found = parts.get(member);
      const over = new AbortController();
      const stands = () => !over.signal.aborted && seats.get(member)?.over === over;
      const { generation } = group;
      const share = found && { ...found, of: partitions, isBegun, generation, member, stands };
      seats.set(member, { partitions: known, part: share, enter: undefined, over });
      enter?.({ share, over: over.signal });
    }
  }
}
