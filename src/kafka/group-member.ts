import assert from "node:assert";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { LinkGroups, LinkMember, LinkTerm } from "../kernel/link-groups.ts";
import type { ReplicaLink } from "../kernel/ports.ts";
import { Cluster } from "./cluster.ts";
import { Coordinators } from "./coordinators.ts";
import { toMeshError } from "./fault.ts";
import { asRebalance } from "./group-fault.ts";
import { Heartbeat } from "./group-heartbeat.ts";
import { readTold, writeCandidate } from "./group-messages.ts";
import type { Part } from "./group-plan.ts";
import * as requests from "./group-requests.ts";
import { shareOut } from "./group-sharing.ts";
import { ONCE, type Patience } from "./patience.ts";
import type { ApiVersion } from "./request.ts";
import type { WireReader } from "./wire.ts";
import type { WireWriter } from "./wire-writer.ts";

/** A coordinator that moves is borne; one that is away is the link's to wait for. */
const JOINING: Patience = { deadlineMs: 10_000, firstDelayMs: 20, maxDelayMs: 500 };
const LEAVING: Patience = { deadlineMs: 1_000, firstDelayMs: 20, maxDelayMs: 200 };
/** A group that forms anew all the time: so often a member comes back before it gives up. */
const ROUNDS_MAX = 20;

export interface GroupOptions {
  /** Whether the writers of the link hold transactional ids; by default they do. */
  readonly transactions?: boolean;
}

/** The groups of links at one Kafka cluster, by the classic protocol of consumer groups. */
export const kafkaLinkGroups = (
  settings: KafkaSettings,
  { transactions: fences = true }: GroupOptions = {},
): LinkGroups => ({
  member: (link, shares) => new KafkaLinkMember(settings, link, { shares, fences }),
});

/** A request to the coordinator, and how its answer is read. */
interface Question<Answer> {
  readonly doing: string;
  readonly api: ApiVersion;
  readonly write: () => WireWriter;
  readonly read: (reader: WireReader, doing: string) => Answer;
}

class KafkaLinkMember implements LinkMember {
  readonly #settings: KafkaSettings;
  readonly #link: ReplicaLink;
  readonly #terms: { readonly shares: number; readonly fences: boolean };
  #cluster: Cluster;
  #coordinators: Coordinators;
  #heartbeat: Heartbeat | undefined;
  /** As the coordinator calls this member; "": it does not know it. */
  #member = "";
  /** Of the term before. */
  #part: Part | undefined;

  constructor(
    settings: KafkaSettings,
    link: ReplicaLink,
    terms: { readonly shares: number; readonly fences: boolean },
  ) {
    this.#settings = settings;
    this.#link = link;
    this.#terms = terms;
    this.#cluster = new Cluster(settings);
    this.#coordinators = new Coordinators(this.#cluster);
  }

  async join(partitions: number, signal: AbortSignal): Promise<LinkTerm> {
    signal.throwIfAborted();
    this.#heartbeat?.stop();
    // The coordinator answers when all members have come: whoever is told to stop does not wait for that.
    const giveUp = (): void => this.#reconnect();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const term = await this.#round(partitions, signal);
        if (term !== undefined) return term;
        signal.throwIfAborted();
      }
      throw new MeshError("KAFKA_UNAVAILABLE", `The group ${this.#link.group} does not come to rest.`);
    } catch (error) {
      throw toMeshError(error, `join the group ${this.#link.group}`);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async leave(): Promise<void> {
    this.#heartbeat?.stop();
    const { group } = this.#link;
    const member = this.#member;
    this.#member = "";
    this.#part = undefined;
    const leaving = {
      doing: `leave the group ${group}`,
      api: requests.LEAVE_GROUP,
      write: () => requests.writeLeaveGroup({ group, member }),
      read: requests.readFault,
    };
    // Where it is not heard, the coordinator gives the member up by itself.
    if (member !== "") await this.#ask(leaving, LEAVING).catch(() => undefined);
    this.#reconnect();
  }

  /** Undefined: the group forms once more. */
  async #round(partitions: number, signal: AbortSignal): Promise<LinkTerm | undefined> {
    try {
      const joined = await this.#joinGroup(partitions);
      this.#member = joined.member;
      const { generation } = joined;
      return generation === undefined ? undefined : await this.#syncGroup({ ...joined, generation }, signal);
    } catch (error) {
      if (!(error instanceof MeshError && error.code === "LINK_REBALANCED")) throw error;
      if (error.context.fault === "UNKNOWN_MEMBER_ID") this.#member = "";
      return undefined;
    }
  }

  async #joinGroup(partitions: number): Promise<requests.Joined> {
    const { group } = this.#link;
    const text = writeCandidate({ slot: this.#part?.slot, held: this.#part?.partitions ?? [], partitions });
    return await this.#ask({
      doing: `join the group ${group}`,
      api: requests.JOIN_GROUP,
      write: () => requests.writeJoinGroup(group, this.#member, text),
      read: requests.readJoinGroup,
    });
  }

  async #syncGroup(
    { generation, member, isLeader, members }: requests.Joined & { readonly generation: number },
    signal: AbortSignal,
  ): Promise<LinkTerm> {
    const who = { group: this.#link.group, generation, member };
    const { shares, fences } = this.#terms;
    const parts = isLeader
      ? await shareOut(this.#cluster, this.#link, shares, members, { fences, signal })
      : [];
    const told = await this.#ask({
      doing: `learn the share in the group ${who.group}`,
      api: requests.SYNC_GROUP,
      write: () => requests.writeSyncGroup(who, parts),
      read: requests.readSyncGroup,
    });
    const { part, isBegun, partitions } = readTold(told);
    this.#part = part;
    // What was told may have lain here while the process hung, or have taken its time.
    const askedAt = performance.now();
    await this.#beat(who, JOINING);
    const heartbeat = new Heartbeat(askedAt, async () => await this.#beat(who));
    this.#heartbeat = heartbeat;
    const stands = () => heartbeat.stands;
    const share = part && { ...part, of: partitions, isBegun, generation, member, stands };
    return { share, over: heartbeat.over };
  }

  async #beat(who: requests.Membership, patience = ONCE): Promise<void> {
    const beating = {
      doing: `stay in the group ${who.group}`,
      api: requests.HEARTBEAT,
      write: () => requests.writeHeartbeat(who),
      read: requests.readFault,
    };
    await this.#ask(beating, patience);
  }

  /** Throws MeshError: LINK_REBALANCED, KAFKA_…. */
  async #ask<Answer>({ doing, api, write, read }: Question<Answer>, patience = JOINING): Promise<Answer> {
    let found: { readonly answer: Answer } | undefined;
    await this.#coordinators.run(
      "group",
      this.#link.group,
      doing,
      async (coordinator) => {
        const answer = await coordinator
          .send(doing, api, write, (reader) => read(reader, doing))
          .catch(asRebalance);
        found = { answer };
      },
      patience,
    );
    assert(found !== undefined, "what was asked is answered, or thrown");
    return found.answer;
  }

  /** Ends what is under way. */
  #reconnect(): void {
    this.#cluster.close();
    this.#cluster = new Cluster(this.#settings);
    this.#coordinators = new Coordinators(this.#cluster);
  }
}
