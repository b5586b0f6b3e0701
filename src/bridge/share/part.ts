import type { LinkShare } from "../../kernel/link-groups.ts";
import type { ReplicaWriter } from "../../kernel/ports.ts";
import type { Some } from "./some-partitions.ts";

/** A link, as a session of it is opened. */
interface Opened {
  /** How many the link has. */
  readonly partitions: number;
  /** Absent: this process has all of them. */
  readonly share?: LinkShare | undefined;
  /** Those that the session is to be opened without. */
  readonly without?: ReadonlySet<number> | undefined;
}

/** What of a link a session has. */
interface Part extends Some {
  /** Every partition of the link, begun or not. */
  readonly isWhole: boolean;
}

/** The partitions of a link that are this process's. */
export const ownPartitions = ({ partitions, share }: Opened): readonly number[] =>
  share?.partitions ?? Array.from({ length: partitions }, (_, partition) => partition);

/**
 * What a session has of its process's `own` partitions. Nothing is left out of a link that lacks a cursor, because a stream of some
 * partitions begins those without one where the agreement does; nor where nothing would be left.
 */
export function partOf(
  { partitions, share, without }: Opened,
  own: readonly number[],
  { cursors }: Pick<ReplicaWriter, "cursors">,
): Part {
  const isUnderWay = share?.isBegun === true || own.every((partition) => cursors.has(partition));
  const rest = own.filter((partition) => without?.has(partition) !== true);
  const isLess = isUnderWay && rest.length > 0 && rest.length < own.length;
  return {
    partitions: isLess ? rest : own,
    of: share?.of ?? partitions,
    isWhole: share?.isBegun !== true && !isLess,
  };
}
