import type { LinkGroups, LinkMember, LinkTerm } from "../../src/kernel/link-groups.ts";

/** Groups whose coordinator may have given a member up, which has not heard of it: it hung. */
export class Forgotten implements LinkGroups {
  readonly #groups: LinkGroups;
  /** Terms up to this one don't stand. */
  #over = 0;
  /** So many have begun. */
  terms = 0;
  /** Whether a member has asked to join since. */
  isBack = false;

  constructor(groups: LinkGroups) {
    this.#groups = groups;
  }

  /** The terms that stand now stand no more. */
  forget(): void {
    this.#over = this.terms;
  }

  member(...given: Parameters<LinkGroups["member"]>): LinkMember {
    const member = this.#groups.member(...given);
    const join = async (...asked: Parameters<LinkMember["join"]>): Promise<LinkTerm> => {
      this.isBack ||= this.#over > 0;
      const { share, over } = await member.join(...asked);
      this.terms += 1;
      const term = this.terms;
      const stands = () => term > this.#over;
      return { share: share && { ...share, stands }, over };
    };
    return { join, leave: async () => await member.leave() };
  }
}
