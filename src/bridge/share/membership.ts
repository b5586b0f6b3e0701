import { once } from "node:events";
import { MeshError } from "../../kernel/error.ts";
import type { LinkGroups, LinkMember, LinkShare, LinkTerm } from "../../kernel/link-groups.ts";
import type { ReplicaLink } from "../../kernel/ports.ts";

/** How many processes of a gateway share its links, and where they meet. */
export interface Sharing {
  readonly groups: LinkGroups;
  /** 1: this process has every link to itself, and one that comes later takes it over. */
  readonly processes: number;
}

/** What a link does with its share. */
export interface Session {
  /**
   * Until `signal` aborts, or something fails, which is thrown; all work must have ended then. `share` is undefined where this
   * process has the whole link.
   */
  readonly run: (share: LinkShare | undefined, signal: AbortSignal) => Promise<void>;
  /** The group forms: the share is not known yet. */
  readonly joining: () => void;
  /** Others have all partitions, and this process waits for one of them to go. */
  readonly standingBy: () => void;
}

/** The place of one link of this process in the link's group, over all of its sessions. */
export class Membership {
  readonly #sharing: Sharing | undefined;
  /** So many members have partitions at once. */
  readonly #shares: number;
  #member: LinkMember | undefined;
  #term: LinkTerm | undefined;
  /** Undefined: how many the link had when the term began. */
  #partitions: number | undefined;
  #isShared: boolean;

  /** `sharing` undefined: there are no groups here. */
  constructor(sharing: Sharing | undefined, shares = sharing?.processes ?? 1) {
    this.#sharing = sharing;
    this.#shares = shares;
    this.#isShared = sharing !== undefined && sharing.processes > 1;
  }

  /** What this process has of the link now; undefined: all of it, or nothing, as the link's phase says. */
  get share(): LinkShare | undefined {
    return this.#term?.share;
  }

  /** Runs a session for each term, until `signal` aborts or one fails, which is thrown. */
  async run(link: ReplicaLink, signal: AbortSignal, session: Session): Promise<void> {
    while (!signal.aborted) {
      const sharing = this.#isShared ? this.#sharing : undefined;
      const term = sharing && (await this.#join(sharing, link, signal, session));
      if (term !== undefined && term.share === undefined) {
        session.standingBy();
        await eitherOf(term.over, signal);
        continue;
      }
      const ending = term === undefined ? signal : AbortSignal.any([signal, term.over]);
      try {
        return await session.run(term?.share, ending);
      } catch (error) {
        if (signal.aborted || !this.#goesOn(error, term)) throw error;
      }
    }
  }

  /** Lets the others have what this process had. */
  async leave(): Promise<void> {
    const member = this.#member;
    this.#member = undefined;
    this.#term = undefined;
    await member?.leave();
  }

  /** The same term while it lasts: a session that failed goes on in it, and nobody else is disturbed. */
  async #join(
    { groups }: Sharing,
    link: ReplicaLink,
    signal: AbortSignal,
    { joining }: Session,
  ): Promise<LinkTerm> {
    const stands = this.#term?.share?.stands() ?? this.#term?.over.aborted === false;
    const isStanding = stands && this.#partitions === link.partitions;
    if (this.#term === undefined || !isStanding) {
      joining();
      this.#term = undefined;
      this.#member ??= groups.member(link, this.#shares);
      this.#term = await this.#member.join(link.partitions, signal);
      this.#partitions = link.partitions;
    }
    if ((this.#term.share?.of ?? 0) > link.partitions)
      throw new MeshError(
        "STREAM_CHANGED",
        "Another process of this gateway knows more partitions of the stream.",
      );
    return this.#term;
  }

  /** Whether it ended because the group forms anew, or because the link turned out to have a group. */
  #goesOn(error: unknown, term: LinkTerm | undefined): boolean {
    const code = error instanceof MeshError ? error.code : undefined;
    if (term === undefined) {
      const isFound = code === "LINK_SHARED" && this.#sharing !== undefined;
      this.#isShared ||= isFound;
      return isFound;
    }
    if (code === "LINK_REBALANCED") this.#term = undefined;
    return term.over.aborted || code === "LINK_REBALANCED";
  }
}

async function eitherOf(one: AbortSignal, other: AbortSignal): Promise<void> {
  const either = AbortSignal.any([one, other]);
  if (!either.aborted) await once(either, "abort");
}
