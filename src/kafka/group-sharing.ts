import type { ReplicaLink } from "../kernel/ports.ts";
import type { Cluster } from "./cluster.ts";
import { readCursors } from "./cursors.ts";
import { readCandidate, writeTold } from "./group-messages.ts";
import { sharedOut } from "./group-plan.ts";
import type { MemberText } from "./group-requests.ts";
import { takeOver } from "./transaction.ts";
import { transactionalIds } from "./transactional-ids.ts";

/** As many processes as may share a link: what a member says of its slot is bounded by it. */
const SLOTS_MAX = 16;

/**
 * What the leader of a link's group tells each member. First every transactional id that anybody may hold is taken over: whatever
 * the members before had open is completed or aborted then, and a process that takes the whole link for its own is fenced.
 * A link without any cursor goes to one member alone, which begins all of it: or else a partition that was not begun could not be
 * told from one that the source got later. Throws KAFKA_….
 */
export async function shareOut(
  cluster: Cluster,
  link: ReplicaLink,
  shares: number,
  members: readonly MemberText[],
  { fences, signal }: { readonly fences: boolean; readonly signal: AbortSignal },
): Promise<readonly MemberText[]> {
  const candidates = members.map(({ member, text }) => readCandidate(member, text));
  const partitions = Math.max(...candidates.map((candidate) => candidate.partitions));
  const claimed = Math.max(shares, ...candidates.map(({ slot = -1 }) => slot + 1));
  if (fences) {
    const ids = Array.from({ length: Math.min(claimed, SLOTS_MAX) }, (_, slot) =>
      transactionalIds(link.transactionalId, slot),
    );
    await Promise.all(ids.flat().map(async (id) => await takeOver(cluster, id, signal)));
  }
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const isBegun = (await readCursors(cluster, link, all)).size > 0;
  const parts = sharedOut(candidates, partitions, isBegun ? shares : 1);
  return candidates.map(({ member }) => ({
    member,
    text: writeTold({ part: parts.get(member), isBegun, partitions }),
  }));
}
