import { isMembers, type Json, type JsonMembers } from "../kernel/json.ts";
import type { Candidate, Part } from "./group-plan.ts";

/** What the leader of a group tells a member. */
export interface Told {
  /** Undefined: it stands by. */
  readonly part: Part | undefined;
  /** A cursor of the link is committed. */
  readonly isBegun: boolean;
  /** How many the link has. */
  readonly partitions: number;
}

export const writeCandidate = ({ slot, held, partitions }: Omit<Candidate, "member">): Buffer =>
  Buffer.from(JSON.stringify({ slot: slot ?? null, held, partitions }));

/** Other processes may be of another version: what makes no sense counts as not said. */
export function readCandidate(member: string, text: Buffer): Candidate {
  const { slot, held, partitions } = membersIn(text);
  return {
    member,
    slot: isCount(slot) ? slot : undefined,
    held: countsIn(held),
    partitions: isCount(partitions) ? partitions : 0,
  };
}

export const writeTold = ({ part, isBegun, partitions }: Told): Buffer =>
  Buffer.from(
    JSON.stringify({ slot: part?.slot ?? null, share: part?.partitions ?? [], isBegun, partitions }),
  );

/** A text that makes no sense gives no part. */
export function readTold(text: Buffer): Told {
  const { slot, share, isBegun, partitions } = membersIn(text);
  return {
    part: isCount(slot) ? { slot, partitions: countsIn(share) } : undefined,
    isBegun: isBegun === true,
    partitions: isCount(partitions) ? partitions : 0,
  };
}

function membersIn(text: Buffer): JsonMembers {
  try {
    const said = JSON.parse(text.toString("utf8")) as Json;
    return isMembers(said) ? said : {};
  } catch {
    return {};
  }
}

const countsIn = (list: Json | undefined): readonly number[] =>
  Array.isArray(list) ? [...new Set(list.filter(isCount))] : [];

/** As many partitions as a publisher's description of a stream may have. */
const COUNT_MAX = 10_000;
const isCount = (value: Json | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= COUNT_MAX;
