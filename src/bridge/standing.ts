import type { ReplicaWrite, TargetCursor } from "../kernel/ports.ts";

/** Committed offsets expire (`offsets.retention.minutes`, 7 days by default): an idle link commits its cursors again. */
export const CURSORS_AGAIN_MS = 12 * 3_600_000;

/** Writes that leave all cursors where they are. */
export const standing = (cursors: ReadonlyMap<number, TargetCursor>): readonly ReplicaWrite[] =>
  [...cursors.values()].map((cursor) => ({
    partition: cursor.partition,
    batch: undefined,
    count: 0,
    cursor,
  }));
