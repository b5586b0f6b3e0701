import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { digestOfBytes } from "../../src/kernel/digest.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import { referenceAdmit } from "../../src/mesh/admit.ts";
import { type AdmittedPart, admitParts, countOf } from "../../src/mesh/admit-parts.ts";
import { kernelAdmit } from "../../src/mesh/kernel-admit.ts";
import { kernelModule } from "../../src/mesh/kernel-module.ts";
import { plain, shapeOf } from "./kernel-admit-shapes.ts";
import { NOW, sampleRoute } from "./sample-route.ts";
import { runOf, sourceBatch } from "./source-batches.ts";

const MIB = 1024 * 1024;
const BASE = 100;
const route = sampleRoute({ limits: { bytesMax: 16 * MIB, depthMax: 8, arrayLengthMax: 100 } });
const dense = (bytes: number): string => randomBytes((bytes / 4) * 3).toString("base64");
const thin = (bytes: number): string => "x".repeat(bytes);

/** Two batches of records that are shared whole; the second begins where the first ends. */
function run(...texts: readonly string[]): SourceBatch {
  const records = texts.map((text) => plain(JSON.stringify({ a: text })));
  const half = Math.ceil(records.length / 2);
  const second = { baseOffset: BigInt(BASE + half) };
  const batches = [
    sourceBatch(shapeOf(records.slice(0, half))),
    sourceBatch(shapeOf(records.slice(half), second)),
  ];
  return runOf(batches, BigInt(BASE), BigInt(BASE + records.length));
}

/** Everything of the records that leave but their place in a batch: what is long by its digest. */
const recordsIn = (parts: readonly Pick<AdmittedPart, "admitted">[]) =>
  parts.flatMap(({ admitted: { body } }) =>
    (body === undefined ? [] : recordCodec.decode(body, 0n, 1e9)).map(({ timestamp, value, headers }) => ({
      timestamp,
      value: digestOfBytes(value ?? Buffer.alloc(0)),
      headers: headers.map(([name, bytes]) => [name, String(bytes)]),
    })),
  );
const digestOfText = (text: string): string => digestOfBytes(Buffer.from(JSON.stringify({ a: text })));
const offsetsOf = (parts: readonly AdmittedPart[]) =>
  parts.map(({ admitted: { summary } }) => [Number(summary.firstOffset), Number(summary.lastOffset)]);

describe.each([
  ["the kernel", kernelAdmit(recordCodec, kernelModule())],
  ["the reference implementation", referenceAdmit(recordCodec)],
])("a run that %s decides", (_, admit) => {
  it("stays whole where it fits", () => {
    const whole = run(dense(MIB), dense(MIB));
    const [part, ...others] = admitParts(admit, whole, route, 7, NOW);
    expect(others).toEqual([]);
    expect(part).toEqual({ next: whole.next, admitted: admit(whole, route, 7, NOW) });
  });

  it.each([
    ["packs", dense, 12],
    ["unpacks", thin, 40],
  ])("and %s to more than a frame holds is cut: the same records in the same places", (_, text, count) => {
    const large = run(...Array.from({ length: count }, () => text(MIB)));
    const parts = admitParts(admit, large, route, 7, NOW);
    const once = admit(large, route, 7, NOW);
    expect(parts.length).toBeGreaterThan(1);
    expect(countOf(parts)).toBe(count);
    for (const { admitted } of parts) {
      expect(admitted.body?.length).toBeLessThanOrEqual(LIMITS.frameBodyBytesMax);
      expect(recordCodec.check(admitted.body ?? new Uint8Array(), admitted.count)).toMatchObject({
        ok: true,
      });
    }
    expect(recordsIn(parts)).toEqual(recordsIn([{ admitted: once }]));
    // Without a gap, and each part ends where it says.
    const offsets = offsetsOf(parts);
    expect(offsets.flat().at(0)).toBe(BASE);
    expect(offsets.flat().at(-1)).toBe(BASE + count - 1);
    for (const [at, [, last = 0]] of offsets.slice(0, -1).entries())
      expect(offsets[at + 1]?.[0]).toBe(last + 1);
    expect(parts.map(({ next }) => Number(next.offset) - 1)).toEqual(offsets.map(([, last]) => last));
  });

  it("loses a record that fits into no frame, and says so, and none beside it", () => {
    const parts = admitParts(admit, run("a", dense(12 * MIB), "b"), route, 7, NOW);
    expect(recordsIn(parts).map(({ value }) => value)).toEqual(["a", "b"].map(digestOfText));
    const summaries = parts.map(({ admitted: { summary } }) => summary);
    expect(summaries.reduce((sum, { read }) => sum + read, 0)).toBe(3);
    expect(summaries.reduce((sum, { permitted }) => sum + permitted, 0)).toBe(2);
    expect(summaries.flatMap(({ denials }) => denials)).toEqual([
      { offset: `${BASE + 1}`, reasons: [{ code: "RECORD_TOO_LARGE" }] },
    ]);
  });
});
