import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordCodec, ReplicaLink, ReplicaSink, ReplicaWrite } from "../../src/kernel/ports.ts";

/** What a suite needs of the world behind a ReplicaSink. */
export interface SinkWorld {
  readonly sink: ReplicaSink;
  readonly codec: RecordCodec;
  /** A name that nobody uses yet. */
  freshName(): string;
  makeTopic(topic: string, partitions: number): Promise<void>;
  /** The values that a read_committed reader sees, in order. */
  committed(topic: string, partition: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What every ReplicaSink guarantees (src/kernel/ports.ts). */
export function replicaSinkSuite(name: string, makeWorld: () => Promise<SinkWorld>): void {
  describe(`ReplicaSink by ${name}`, () => {
    let world: SinkWorld;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(async () => await world.close());

    const signal = new AbortController().signal;
    const linkOf = (partitions: number): ReplicaLink => {
      const topic = world.freshName();
      return {
        topic,
        partitions,
        group: `group.${topic}`,
        transactionalId: `id.${topic}`,
        topicConfig: { "retention.ms": "-1" },
      };
    };
    const write = (partition: number, sequence: bigint, ...values: string[]): ReplicaWrite => ({
      partition,
      batch:
        values.length === 0
          ? undefined
          : world.codec.encode(
              values.map((value) => ({
                timestamp: 1_700_000_000_000n,
                key: null,
                value: Buffer.from(value),
                headers: [],
              })),
            ),
      count: values.length,
      cursor: { partition, sequence, metadata: `cursor ${sequence}` },
    });

    it("makes the topic, and finds it empty and without cursors", async () => {
      const writer = await world.sink.open(linkOf(2), signal);
      expect(writer.cursors).toEqual(new Map());
      expect(writer.empty).toEqual(new Set([0, 1]));
      await writer.close();
    });

    it("gives a topic with fewer partitions as many as the link has, and keeps what it holds", async () => {
      const link = linkOf(2);
      const first = await world.sink.open(link, signal);
      await first.commit([write(0, 1n, "a"), write(1, 1n, "b")]);
      await first.close();
      const grown = await world.sink.open({ ...link, partitions: 3 }, signal);
      expect([...grown.cursors.keys()].toSorted()).toEqual([0, 1]);
      expect(grown.empty).toEqual(new Set([2]));
      await grown.commit([write(0, 2n, "c"), write(2, 1n, "d")]);
      await grown.close();
      expect(await world.committed(link.topic, 0)).toEqual(["a", "c"]);
      expect(await world.committed(link.topic, 2)).toEqual(["d"]);
    });

    it("keeps records and cursors for whoever opens next", async () => {
      const link = linkOf(2);
      const first = await world.sink.open(link, signal);
      await first.commit([write(0, 2n, "a", "b"), write(1, 1n, "c")]);
      await first.commit([write(0, 3n, "d")]);
      await first.close();
      const second = await world.sink.open(link, signal);
      expect(second.cursors.get(0)).toEqual({ partition: 0, sequence: 3n, metadata: "cursor 3" });
      expect(second.cursors.get(1)).toEqual({ partition: 1, sequence: 1n, metadata: "cursor 1" });
      expect(second.empty).toEqual(new Set());
      await second.close();
      expect(await world.committed(link.topic, 0)).toEqual(["a", "b", "d"]);
      expect(await world.committed(link.topic, 1)).toEqual(["c"]);
    });

    it("writes several batches of a partition in their order, and keeps the last cursor", async () => {
      const link = linkOf(1);
      const writer = await world.sink.open(link, signal);
      const writes = Array.from({ length: 12 }, (_, n) => write(0, BigInt(n + 1), `v${n}`));
      await writer.commit(writes);
      await writer.close();
      const next = await world.sink.open(link, signal);
      expect(next.cursors.get(0)?.sequence).toBe(12n);
      await next.close();
      expect(await world.committed(link.topic, 0)).toEqual(writes.map((_, n) => `v${n}`));
    });

    it("moves a cursor without records", async () => {
      const link = linkOf(1);
      const writer = await world.sink.open(link, signal);
      await writer.commit([write(0, 7n)]);
      await writer.commit([]);
      await writer.close();
      const next = await world.sink.open(link, signal);
      expect(next.cursors.get(0)?.sequence).toBe(7n);
      await next.close();
    });

    it("leaves the given batches as they are", async () => {
      const writer = await world.sink.open(linkOf(1), signal);
      const given = write(0, 1n, "a");
      await writer.commit([given]);
      await writer.close();
      expect(world.codec.check(given.batch ?? new Uint8Array(), 1)).toMatchObject({ ok: true });
    });

    it("fences the older of two holders, which stays dead, and the newer goes on", async () => {
      const link = linkOf(1);
      const older = await world.sink.open(link, signal);
      await older.commit([write(0, 1n, "a")]);
      const newer = await world.sink.open(link, signal);
      const fenced = expect.objectContaining({ code: "LINK_FENCED" });
      await expect(older.commit([write(0, 2n, "zombie")])).rejects.toEqual(fenced);
      await expect(older.commit([write(0, 2n, "zombie")])).rejects.toEqual(fenced);
      await newer.commit([write(0, 2n, "b")]);
      await Promise.all([older.close(), newer.close()]);
      expect(await world.committed(link.topic, 0)).toEqual(["a", "b"]);
    });

    it("is not empty and has no cursor where somebody else wrote", async () => {
      const link = linkOf(2);
      const other = await world.sink.open(link, signal);
      await other.commit([write(1, 1n, "theirs")]);
      await other.close();
      const writer = await world.sink.open({ ...link, group: `${link.group}.lost` }, signal);
      expect(writer.cursors).toEqual(new Map());
      expect(writer.empty).toEqual(new Set([0]));
      await writer.close();
    });

    it("keeps the order of the calls when commits are asked for before the former ones are done", async () => {
      const link = linkOf(2);
      const writer = await world.sink.open(link, signal);
      const calls = Array.from({ length: 20 }, (_, n) => BigInt(n + 1));
      const done: bigint[] = [];
      await Promise.all(
        calls.map(async (n) => {
          await writer.commit([write(0, n, `v${n}`), write(1, n)]);
          done.push(n);
        }),
      );
      await writer.close();
      expect(done).toEqual(calls);
      expect(await world.committed(link.topic, 0)).toEqual(calls.map((n) => `v${n}`));
      const next = await world.sink.open(link, signal);
      expect(next.cursors.get(1)?.sequence).toBe(20n);
      await next.close();
    });

    it("fails every commit behind one that failed, and stores none of them", async () => {
      const link = linkOf(1);
      const older = await world.sink.open(link, signal);
      await older.commit([write(0, 1n, "a")]);
      const newer = await world.sink.open(link, signal);
      const outcomes = await Promise.allSettled(
        [2n, 3n, 4n].map(async (n) => await older.commit([write(0, n, `zombie ${n}`)])),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
      await newer.commit([write(0, 2n, "b")]);
      await Promise.all([older.close(), newer.close()]);
      expect(await world.committed(link.topic, 0)).toEqual(["a", "b"]);
    });
  });
}
