import { LIMITS } from "../kernel/limits.ts";
import type { SourceBatch, SourcePosition } from "../kernel/ports.ts";
import type { CommittedRun } from "./read-committed.ts";
import { readBatchHeader } from "./record-batch.ts";

/**
 * The run in pieces of about `LIMITS.sourceRunBytesTarget` and of `LIMITS.frameRecordsMax` records, cut between batches: what one
 * piece unpacks to becomes one frame, and a whole answer of well packed records would not fit into any. `end` is the last
 * stable offset.
 */
export function piecesOf(run: CommittedRun, from: SourcePosition, end: bigint): readonly SourceBatch[] {
  const pieces: SourceBatch[] = [];
  let begin = from;
  let batches: Buffer[] = [];
  let bytes = 0;
  let records = 0;
  for (const batch of run.batches) {
    const { baseOffset: offset, leaderEpoch: epoch, count } = readBatchHeader(batch);
    const isTooMuch =
      bytes + batch.length > LIMITS.sourceRunBytesTarget || records + count > LIMITS.frameRecordsMax;
    if (bytes > 0 && isTooMuch) {
      const next = { partition: from.partition, offset, leaderEpoch: epoch };
      pieces.push({ from: begin, next, batches, end });
      begin = next;
      batches = [];
      bytes = 0;
      records = 0;
    }
    batches.push(batch);
    bytes += batch.length;
    records += count;
  }
  const next = { partition: from.partition, offset: run.nextOffset, leaderEpoch: run.leaderEpoch };
  return [...pieces, { from: begin, next, batches, end }];
}
