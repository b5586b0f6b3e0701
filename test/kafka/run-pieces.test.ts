import { describe, expect, it } from "vitest";
import { committedRun } from "../../src/kafka/read-committed.ts";
import { piecesOf } from "../../src/kafka/run-pieces.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import { foreignBatch } from "./foreign-batch.ts";

const from = { partition: 3, offset: 10n, leaderEpoch: 1 };
const END = 1_000n;

/** Batches of one record each, of about so many bytes. */
function piecesWith(...sizes: readonly number[]) {
  const batches = sizes.map((bytes, at) =>
    foreignBatch([{ value: "x".repeat(bytes) }], {
      baseOffset: from.offset + BigInt(at),
      leaderEpoch: 2 + at,
    }),
  );
  return piecesOf(committedRun(Buffer.concat(batches), [], from.offset, "a test"), from, END);
}

describe("a run in pieces", () => {
  const target = LIMITS.sourceRunBytesTarget;

  it("stays whole when it is small", () => {
    const pieces = piecesWith(100, 100, 100);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toMatchObject({
      from,
      next: { partition: 3, offset: 13n, leaderEpoch: 4 },
      end: END,
    });
  });

  it("is cut between batches, and each piece begins where the one before ended, in the epoch of what comes there", () => {
    const pieces = piecesWith(target / 2, target / 2 - 500, target / 2, target / 2);
    expect(pieces.map(({ batches }) => batches.length)).toEqual([2, 1, 1]);
    expect(pieces.slice(1).map((piece) => piece.from)).toEqual(
      pieces.slice(0, -1).map((piece) => piece.next),
    );
    expect(pieces[0]?.next).toEqual({ partition: 3, offset: 12n, leaderEpoch: 4 });
    expect(pieces.every(({ end }) => end === END)).toBe(true);
  });

  it("has a batch that is larger than a piece alone", () => {
    const pieces = piecesWith(10, target * 2, 10);
    expect(pieces.map(({ batches }) => batches.length)).toEqual([1, 1, 1]);
  });

  it("is cut where its records are many, however well they are packed", () => {
    const many = Array.from({ length: LIMITS.frameRecordsMax * 0.4 }, () => ({ value: "" }));
    const batches = [0, 1, 2].map((at) =>
      foreignBatch(many, { baseOffset: from.offset + BigInt(at * many.length), leaderEpoch: 1 }),
    );
    const run = committedRun(Buffer.concat(batches), [], from.offset, "a test");
    expect(piecesOf(run, from, END).map((piece) => piece.batches.length)).toEqual([2, 1]);
  });

  it("is one piece without batches when nothing of it is delivered", () => {
    const run = { batches: [], nextOffset: 20n, leaderEpoch: 5, failure: undefined };
    expect(piecesOf(run, from, END)).toEqual([
      { from, next: { partition: 3, offset: 20n, leaderEpoch: 5 }, batches: [], end: END },
    ]);
  });
});
