import type { ReplicaLink } from "./ports.ts";

/** A member's part of a link, for as long as its group stays as it is. */
export interface LinkShare {
  /** From 0: which transactional ids are its own. */
  readonly slot: number;
  /** Ascending. */
  readonly partitions: readonly number[];
  /** How many partitions the link has, as the member that shared them out knew it. */
  readonly of: number;
  /** False: no cursor of the link was ever committed; then one member has all partitions until that is done. */
  readonly isBegun: boolean;
  readonly generation: number;
  /** As the group's coordinator calls the member. */
  readonly member: string;
  /**
   * Whether others can't have it yet. It goes by the time since the coordinator heard of the member last, which passes also while the
   * process hangs; once false it stays so.
   */
  readonly stands: () => boolean;
}

/** What a process has of a link from one forming of the group to the next. */
export interface LinkTerm {
  /** Undefined: there are more members than shares. */
  readonly share: LinkShare | undefined;
  /** Aborts when the group forms anew: all work under this share must end, and the member joins again. */
  readonly over: AbortSignal;
}

/** The consumer groups in which the processes of one gateway share the partitions of its links. */
export interface LinkGroups {
  /** One that has not joined yet. Of the members of the link's group at most `shares` get partitions. */
  member(link: ReplicaLink, shares: number): LinkMember;
}

/**
 * One process in the group of a link. Guarantees: 1 no partition is in two shares of one term; 2 before a share of a new term
 * is given out, every transaction of the terms before is over, or can't take cursors along any more.
 */
export interface LinkMember {
  /**
   * Joins, or joins again; what went on under the share before must have ended. Waits until all members have come, or are
   * given up. Throws KAFKA_DENIED, KAFKA_REFUSED, KAFKA_UNAVAILABLE.
   */
  join(partitions: number, signal: AbortSignal): Promise<LinkTerm>;
  /** Leaves, so that the others take over at once. Never fails: who can't say so is given up after 6 s. */
  leave(): Promise<void>;
}
