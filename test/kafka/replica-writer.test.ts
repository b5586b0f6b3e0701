import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, OFFSET_AT } from "../../src/kafka/cluster.ts";
import { BrokerFault } from "../../src/kafka/fault.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import { KafkaReplicaWriter } from "../../src/kafka/replica-writer.ts";
import { type Dialect, TransactionalProducer } from "../../src/kafka/transaction.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { ReplicaLink, ReplicaWrite } from "../../src/kernel/ports.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
import { TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, valuesOf } from "./lab.ts";
import { type Tap, TappedCluster } from "./tapped-cluster.ts";

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

const forever = new AbortController().signal;
const KEYS = { produce: 0, offsets: 28, end: 26 } as const;
const STEPS: ReadonlyMap<number, string> = new Map(Object.entries(KEYS).map(([step, key]) => [key, step]));

const CODES = {
  INVALID_TXN_STATE: 48,
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_PRODUCER_ID_MAPPING: 49,
} as const;

const write = (partition: number, sequence: bigint, value: string): ReplicaWrite => ({
  partition,
  batch: recordCodec.encode([{ timestamp: TIMESTAMP, key: null, value: Buffer.from(value), headers: [] }]),
  count: 1,
  cursor: { partition, sequence, metadata: "" },
});

async function linkOf(partitions: number): Promise<ReplicaLink> {
  const topic = topicName("replica");
  // Its records are of 1970: a broker that looks for what is too old, every five minutes, would delete them.
  const topicConfig = { "retention.ms": "-1" };
  const link = { topic, partitions, group: topic, transactionalId: topic, topicConfig };
  await (await kafkaReplicaSink(lab.settings).open(link, forever)).close();
  return link;
}

/** A writer with as many ids as there are taps. */
async function writerWith(
  link: ReplicaLink,
  taps: readonly Tap[],
  dialect: Dialect,
): Promise<KafkaReplicaWriter> {
  const producers: TransactionalProducer[] = [];
  let cluster: Cluster = lab.cluster;
  for (const [at, tap] of taps.entries()) {
    cluster = new TappedCluster(lab.settings, tap);
    const topic = await cluster.topic(link.topic);
    if (topic === undefined) throw new Error("the topic was made");
    const id = at === 0 ? link.transactionalId : `${link.transactionalId}.${at + 1}`;
    producers.push(await TransactionalProducer.open(cluster, topic, id, dialect, forever));
  }
  return new KafkaReplicaWriter(cluster, link, producers, new Map(), new Set());
}

const committed = async (topic: string): Promise<readonly unknown[]> =>
  (await readToEnd(lab.settings, topic)).flatMap(valuesOf);

/** Behind the last record of partition 0 that is committed. */
async function stableEnd(name: string): Promise<bigint | undefined> {
  const topic = await lab.cluster.topic(name);
  return topic && (await lab.cluster.offsets(topic, OFFSET_AT.latest, "committed")).get(0);
}

describe.each(["v1", "v2"] as const)("overlapping transactions of %s", (dialect) => {
  it("keep the order of every step, each behind the answer of the one before, and do overlap", async () => {
    const link = await linkOf(1);
    const events: string[] = [];
    const counts = new Map<string, number>();
    const IDS = 3;
    /** Names a request by its step and the number of its transaction; answers come late, and later for some. */
    const tapOf =
      (id: number): Tap =>
      async (api, send) => {
        const step = STEPS.get(api.key);
        if (step === undefined) return await send();
        const round = counts.get(`${step} ${id}`) ?? 0;
        counts.set(`${step} ${id}`, round + 1);
        const name = `${step} ${round * IDS + id}`;
        events.push(`sent ${name}`);
        const answer = await send();
        await sleep((round * IDS + id) % 2 === 0 ? 30 : 0);
        events.push(`done ${name}`);
        return answer;
      };
    const writer = await writerWith(link, [0, 1, 2].map(tapOf), dialect);
    const calls = Array.from({ length: 9 }, (_, n) => n);
    await Promise.all(calls.map(async (n) => await writer.commit([write(0, BigInt(n + 1), `v${n}`)])));
    await writer.close();
    const at = (event: string): number => {
      expect(events).toContain(event);
      return events.indexOf(event);
    };
    let overlaps = 0;
    for (const n of calls) {
      expect(at(`done produce ${n}`)).toBeLessThan(at(`sent offsets ${n}`));
      expect(at(`done offsets ${n}`)).toBeLessThan(at(`sent end ${n}`));
      if (n === 0) continue;
      for (const step of Object.keys(KEYS))
        expect(at(`done ${step} ${n - 1}`)).toBeLessThan(at(`sent ${step} ${n}`));
      if (at(`sent produce ${n}`) < at(`sent end ${n - 1}`)) overlaps += 1;
      if (n >= IDS) expect(at(`done end ${n - IDS}`)).toBeLessThan(at(`sent produce ${n}`));
    }
    expect(overlaps).toBeGreaterThan(4);
    expect(await committed(link.topic)).toEqual(calls.map((n) => `v${n}`));
  });
});

describe("a commit after something else", () => {
  it("is seen by nobody before, and begins meanwhile", async () => {
    const link = await linkOf(1);
    const produced = Promise.withResolvers<void>();
    const tap: Tap = async (api, send) => {
      const answer = await send();
      if (api.key === KEYS.produce) produced.resolve();
      return answer;
    };
    const writer = await writerWith(link, [tap], "v2");
    const durable = Promise.withResolvers<void>();
    const committing = writer.commitAfter(durable.promise, [write(0, 1n, "a")]);
    await produced.promise;
    expect(await stableEnd(link.topic)).toBe(0n);
    durable.resolve();
    await committing;
    expect(await committed(link.topic)).toEqual(["a"]);
    await writer.close();
  });

  it("leaves nothing when that fails, and takes what is behind with it", async () => {
    const link = await linkOf(1);
    const writer = await kafkaReplicaSink(lab.settings).open(link, forever);
    const away = new MeshError("AUDIT_UNAVAILABLE", "The audit topic is away.");
    const durable = Promise.withResolvers<void>();
    const calls = [
      writer.commitAfter(durable.promise, [write(0, 1n, "a")]),
      writer.commitAfter(Promise.resolve(), [write(0, 2n, "b")]),
    ];
    durable.promise.catch(() => undefined);
    durable.reject(away);
    expect(await Promise.allSettled(calls)).toEqual(calls.map(() => ({ status: "rejected", reason: away })));
    await writer.close();
    const next = await kafkaReplicaSink(lab.settings).open(link, forever);
    expect(next.cursors.size).toBe(0);
    await next.commit([write(0, 1n, "c")]);
    await next.close();
    expect(await committed(link.topic)).toEqual(["c"]);
  });
});

describe("an answer that says the transaction is not as it should be", () => {
  const cases = Object.entries(KEYS).flatMap(([step, key]) =>
    (["INVALID_TXN_STATE", "INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING"] as const).map(
      (fault) => ({ step, key, fault }),
    ),
  );
  it.each(cases)(
    "$fault to $step ends the writer, is not asked again, and nothing counts as committed",
    async ({ key, fault }) => {
      const link = await linkOf(1);
      let asked = 0;
      const tap: Tap = async (api, send) => {
        if (api.key !== key) return await send();
        asked += 1;
        if (asked === 1) return await send();
        throw new BrokerFault(CODES[fault], "a test");
      };
      const writer = await writerWith(link, [tap], "v2");
      await writer.commit([write(0, 1n, "a")]);
      const fenced = expect.objectContaining({ code: "LINK_FENCED", context: { fault } });
      await expect(writer.commit([write(0, 2n, "b")])).rejects.toEqual(fenced);
      // The second EndTxn is the abort: it is no repetition.
      expect(asked).toBe(2);
      await expect(writer.commit([write(0, 2n, "b")])).rejects.toEqual(fenced);
      await writer.close();
      const next = await kafkaReplicaSink(lab.settings).open(link, forever);
      expect(next.cursors.get(0)?.sequence).toBe(1n);
      await next.commit([write(0, 2n, "b")]);
      await next.close();
      expect(await committed(link.topic)).toEqual(["a", "b"]);
    },
  );

  it("to a commit that took place is told by the cursor of the next writer", async () => {
    const link = await linkOf(1);
    const tap: Tap = async (api, send) => {
      const answer = await send();
      if (api.key === KEYS.end) throw new BrokerFault(CODES.INVALID_TXN_STATE, "a test");
      return answer;
    };
    const writer = await writerWith(link, [tap], "v2");
    const outcome = expect.objectContaining({ code: "LINK_FENCED" });
    await expect(writer.commit([write(0, 1n, "a")])).rejects.toEqual(outcome);
    await writer.close();
    const next = await kafkaReplicaSink(lab.settings).open(link, forever);
    expect(next.cursors.get(0)?.sequence).toBe(1n);
    await next.close();
    expect(await committed(link.topic)).toEqual(["a"]);
  });
});

describe("a transaction whose EndTxn fails", () => {
  it("takes those behind it with it, whose records are stored already", async () => {
    const link = await linkOf(1);
    const passing: Tap = async (_api, send) => await send();
    const failing: Tap = async (api, send) => {
      if (api.key !== KEYS.end) return await send();
      await sleep(100);
      throw new BrokerFault(CODES.INVALID_TXN_STATE, "a test");
    };
    const writer = await writerWith(link, [failing, passing, passing], "v2");
    const outcomes = await Promise.allSettled(
      [1n, 2n, 3n].map(async (n) => await writer.commit([write(0, n, `v${n}`)])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await writer.close();
    const next = await kafkaReplicaSink(lab.settings).open(link, forever);
    expect(next.cursors.get(0)).toBeUndefined();
    await next.close();
    expect(await committed(link.topic)).toEqual([]);
  });
});

describe("a request that is lost on its way and arrives late", () => {
  const lost = new MeshError("KAFKA_UNAVAILABLE", "The connection broke.");

  /** What is committed is what the cursor says, and goes on from there. */
  async function expectWhole(link: ReplicaLink): Promise<void> {
    const next = await kafkaReplicaSink(lab.settings).open(link, forever);
    const done = next.cursors.get(0)?.sequence ?? 0n;
    expect(await committed(link.topic)).toEqual(["v1", "v2"].slice(0, Number(done)));
    await next.close();
  }

  it.each(["v1", "v2"] as const)("takes no cursor back behind the next, %s", async (dialect) => {
    const link = await linkOf(1);
    const arrives = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    const first: Tap = async (api, send) => {
      if (api.key === KEYS.end) await late;
      if (api.key !== KEYS.offsets || late !== undefined) return await send();
      late = arrives.promise.then(send).catch(() => undefined);
      throw lost;
    };
    const second: Tap = async (api, send) => {
      const answer = await send();
      if (api.key !== KEYS.offsets) return answer;
      arrives.resolve();
      await late;
      return answer;
    };
    const writer = await writerWith(link, [first, second], dialect);
    await Promise.allSettled([1n, 2n].map(async (n) => await writer.commit([write(0, n, `v${n}`)])));
    arrives.resolve();
    await writer.close();
    await expectWhole(link);
  });

  it("ends no other transaction than its own, where their epoch is the same", async () => {
    const link = await linkOf(1);
    const arrives = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    const tap: Tap = async (api, send) => {
      if (api.key === KEYS.end && late === undefined) {
        late = arrives.promise.then(send).catch(() => undefined);
        throw lost;
      }
      const answer = await send();
      if (api.key === KEYS.produce && late !== undefined) {
        arrives.resolve();
        await late;
        throw new BrokerFault(CODES.INVALID_PRODUCER_EPOCH, "a test");
      }
      return answer;
    };
    const writer = await writerWith(link, [tap], "v1");
    for (const n of [1n, 2n]) await writer.commit([write(0, n, `v${n}`)]).catch(() => undefined);
    arrives.resolve();
    await late;
    await writer.close();
    await expectWhole(link);
  });
});
