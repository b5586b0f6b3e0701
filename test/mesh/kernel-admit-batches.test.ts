import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BATCH } from "../../src/kafka/record-batch.ts";
import { anyWound } from "../policy/kernel/documents.ts";
import { anyPlan } from "./kernel-admit-cases.ts";
import { byReference, expectSame, outcome } from "./kernel-admit-same.ts";
import { anyRun, anyShape } from "./kernel-admit-shapes.ts";
import { sampleRoute } from "./sample-route.ts";
import { packedOf, plainOf, runOf, sourceBatch } from "./source-batches.ts";

/** One byte becomes another, so that lengths mostly go on to be right. */
const anyFlip = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, by]) => (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by;
  return copy;
});

describe("batches by the kernel", () => {
  it("leave as by the reference implementation: bytes, order, times, names and sums", () => {
    fc.assert(
      fc.property(anyPlan, anyRun, (changed, [shapes, from, end]) => {
        expectSame(
          runOf(
            shapes.map((shape) => sourceBatch(shape)),
            from,
            end,
          ),
          sampleRoute(changed),
        );
      }),
      { numRuns: 800 },
    );
  });

  it("are refused where the reference implementation refuses them, whatever was done to their bytes", () => {
    let [refused, read] = [0, 0];
    const wounded = fc.tuple(
      anyShape,
      fc.array(fc.oneof(anyWound, anyFlip), { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      fc.constantFrom(0, 0, 0, 0, 1, -1),
    );
    fc.assert(
      fc.property(anyPlan, wounded, (changed, [shape, wounds, isPacked, more]) => {
        const wound = (bytes: Buffer) => wounds.reduce<Buffer>((each, cut) => cut(each), bytes);
        const plain = { ...shape, codec: "none" as const };
        const batch = isPacked
          ? sourceBatch(shape, wound(Buffer.from(packedOf(shape))))
          : sourceBatch(plain, wound(plainOf(shape.records)));
        batch.writeInt32BE(Math.max(0, shape.records.length + more), BATCH.count);
        const run = runOf([sourceBatch(shape), batch]);
        const route = sampleRoute(changed);
        expectSame(run, route);
        if ("error" in outcome(byReference, run, route)) refused++;
        else read++;
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(read).toBeGreaterThan(100);
  });
});
