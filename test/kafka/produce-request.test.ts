import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ProducePart, readProduce, requestsOf } from "../../src/kafka/produce-request.ts";
import { WireReader } from "../../src/kafka/wire.ts";
import { WireWriter } from "../../src/kafka/wire-writer.ts";

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

describe("what a broker answers", () => {
  const NOT_LEADER = 6;
  const REFUSALS = [
    [2, "CORRUPT_MESSAGE"],
    [10, "MESSAGE_TOO_LARGE"],
    [18, "RECORD_LIST_TOO_LARGE"],
    [32, "INVALID_TIMESTAMP"],
    [76, "UNSUPPORTED_COMPRESSION_TYPE"],
    [87, "INVALID_RECORD"],
  ] as const;

  /** Partition → error, as a topic's answer holds them. */
  type PartitionError = readonly [partition: number, code: number];
  const answer = (...errors: readonly PartitionError[]): WireReader => {
    const writer = new WireWriter().list(["orders"], (topics, name) => {
      topics
        .text(name)
        .list(errors, (w, [partition, code]) => {
          w.int32(partition)
            .int16(code)
            .int64(7n)
            .int64(-1n)
            .int64(0n)
            .list([], () => undefined)
            .text(null)
            .tags();
        })
        .tags();
    });
    return new WireReader(Buffer.concat(writer.pieces()));
  };
  const fault = (...errors: readonly PartitionError[]): unknown => {
    try {
      return readProduce(answer(...errors), "write to the topic orders");
    } catch (error) {
      return error;
    }
  };

  it("is the offset of each partition's first record", () => {
    expect(readProduce(answer([0, 0], [3, 0]), "write")).toEqual(
      new Map([
        [0, 7n],
        [3, 7n],
      ]),
    );
  });

  it.each(REFUSALS)(
    "to a batch that it refuses for what it is (%i, %s) is told with the partition, before all else",
    (code, name) => {
      expect(fault([0, NOT_LEADER], [3, code], [4, 10])).toMatchObject({
        fault: name,
        refusedPartition: 3,
        message: `Kafka answered ${name} to: write to the topic orders, partition 3.`,
      });
    },
  );

  it("for another reason is told without, because the partition is not to be blamed", () => {
    expect(fault([0, 0], [1, NOT_LEADER])).toMatchObject({
      fault: "NOT_LEADER_OR_FOLLOWER",
      refusedPartition: undefined,
      message: "Kafka answered NOT_LEADER_OR_FOLLOWER to: write to the topic orders.",
    });
  });
});
