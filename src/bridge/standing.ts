import type { ReplicaWrite, TargetCursor } from "../kernel/ports.ts";

/** Committed offsets expire (`offsets.retention.minutes`, 7 days by default): an idle link commits its cursors again. */
const CURSORS_AGAIN_MS = 12 * 3_600_000;

/** Whether cursors that were committed then are to be committed again, ms since 1970. By a clock that was set back much they are: they may be old. */
export const areStale = (committedAt: number, now: number): boolean =>
  Math.abs(now - committedAt) > CURSORS_AGAIN_MS;

/** Writes that leave all cursors where they are. */
export const standing = (cursors: ReadonlyMap<number, TargetCursor>): readonly ReplicaWrite[] =>
  [...cursors.values()].map((cursor) => ({
    partition: cursor.partition,
    batch: undefined,
    count: 0,
    cursor,
  }));
