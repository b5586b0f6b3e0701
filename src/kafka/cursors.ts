import type { ReplicaLink, TargetCursor } from "../kernel/ports.ts";
import type { Cluster } from "./cluster.ts";
import { OFFSET_FETCH } from "./offset-requests.ts";
import { type Patience, patient } from "./patience.ts";

/** Offsets of a transaction that is being completed are unstable for some milliseconds after its end. */
const STABLE: Patience = { deadlineMs: 30_000, firstDelayMs: 5, maxDelayMs: 100 };

/** The cursors of some partitions, once no transaction that may change them is open. Throws KAFKA_…. */
export async function readCursors(
  cluster: Cluster,
  link: Pick<ReplicaLink, "group" | "topic">,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, TargetCursor>> {
  const doing = `read the cursors of the group ${link.group}`;
  const cursors = await patient(doing, STABLE, async () => {
    const coordinator = await cluster.coordinator("group", link.group);
    return await coordinator.call(doing, OFFSET_FETCH, link.group, link.topic, partitions);
  });
  return new Map(cursors.map((cursor) => [cursor.partition, cursor]));
}

/** The partitions that a link's writer has: those of its share, or all. */
export const partitionsOf = ({ share, partitions }: ReplicaLink): readonly number[] =>
  share?.partitions ?? Array.from({ length: partitions }, (_, partition) => partition);
