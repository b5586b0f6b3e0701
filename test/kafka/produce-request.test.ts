import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ProducePart, requestsOf } from "../../src/kafka/produce-request.ts";

const MIB = 1024 * 1024;
const memory = Buffer.alloc(20 * MIB);
const part = (partition: number, bytes: number): ProducePart => ({
  partition,
  bytes: [memory.subarray(0, 0), memory.subarray(0, bytes)],
});
const bytesOf = (parts: readonly ProducePart[]): number =>
  parts.reduce((sum, { bytes }) => sum + bytes[1].length, 0);

describe("batches in requests", () => {
  it("go into one request when every partition has one, and into as many as the longest partition has", () => {
    expect(requestsOf([])).toEqual([]);
    expect(requestsOf([0, 1, 2].map((partition) => part(partition, 10)))).toHaveLength(1);
    expect(requestsOf([0, 1, 0, 0, 1].map((partition) => part(partition, 10)))).toHaveLength(3);
  });

  it("are each once, in the order of their partition, one a partition in each request, none too large", () => {
    const batches = fc.record({
      partition: fc.integer({ min: 0, max: 5 }),
      bytes: fc.integer({ min: 1, max: 20 * MIB }),
    });
    fc.assert(
      fc.property(fc.array(batches, { maxLength: 40 }), (given) => {
        const parts = given.map(({ partition, bytes }) => part(partition, bytes));
        const requests = requestsOf(parts);
        for (const request of requests) {
          expect(new Set(request.map(({ partition }) => partition)).size).toBe(request.length);
          expect(request.length === 1 || bytesOf(request) <= 16 * MIB).toBe(true);
        }
        const sent = requests.flat();
        expect(sent).toHaveLength(parts.length);
        for (let partition = 0; partition <= 5; partition += 1)
          expect(sent.filter((row) => row.partition === partition)).toEqual(
            parts.filter((row) => row.partition === partition),
          );
      }),
    );
  });
});
