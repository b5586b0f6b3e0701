import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { KafkaRecord } from "../../src/kernel/record.ts";
import { foreignBatch } from "../kafka/foreign-batch.ts";
import { Lab } from "../kafka/lab.ts";
import { order, SUBSCRIBER, writeContract } from "./contract.ts";
import { Follower, numberOf, plain } from "./follower.ts";
import { kafkaClient, Pair } from "./pair.ts";

/** One topic under four contracts, which say different things about its key, and one of them who may see which record. */
const TOPIC = "orders";
const KEYS = {
  shared: { "mesh.key": { action: "share" }, "mesh.headers": ["traceparent"], "mesh.scope": undefined },
  hidden: { "mesh.key": { action: "pseudonymize" }, "mesh.scope": undefined },
  keyless: { "mesh.key": { action: "drop" }, "mesh.scope": undefined },
  scoped: { "mesh.key": { action: "share" } },
} as const;
const LAST = 99;

interface Seen {
  readonly number: number;
  readonly tombstone: boolean;
  readonly key: string | null;
  readonly headers: readonly string[];
}
const seen = (record: KafkaRecord): Seen => ({
  number: numberOf(record),
  tombstone: record.value === null,
  key: record.key === null ? null : Buffer.from(record.key).toString("utf8"),
  headers: record.headers.map(([name, value]) => `${name}=${Buffer.from(value ?? []).toString("utf8")}`),
});

describe("What applications write with transactions, keys, headers and tombstones", () => {
  let pair: Pair;
  const replicas = new Map<string, Follower<Seen>>();
  const replica = (name: keyof typeof KEYS): readonly Seen[] => replicas.get(name)?.entries ?? [];

  beforeAll(async () => {
    pair = await Pair.start();
    await pair.topic(TOPIC);
    const contracts = Object.entries(KEYS).map(([name, profile]) =>
      writeContract(pair.folder, { name, topic: TOPIC, profile }),
    );
    await pair.publish(...contracts);
    for (const name of Object.keys(KEYS)) {
      await pair.share(name);
      replicas.set(name, new Follower(pair.helixKafka.bootstrap, `aurora.${name}`, seen));
    }
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...replicas.values()].map((follower) => follower.stop()));
    await pair?.stop();
  });

  it("reaches the partner when it was committed, in the source's order, and never when it was aborted", async () => {
    const client = kafkaClient(pair.auroraKafka.bootstrap);
    const options = { idempotent: true, maxInFlightRequests: 1 };
    const [slow, quick] = ["slow", "quick"].map((transactionalId) =>
      client.producer({ ...options, transactionalId }),
    );
    if (slow === undefined || quick === undefined) throw new Error("Two producers were made.");
    await Promise.all([slow.connect(), quick.connect()]);
    const send = (to: { send: typeof pair.producer.send }, ...numbers: readonly number[]) =>
      to.send({
        topic: TOPIC,
        messages: numbers.map((number) => ({ key: `k${number}`, value: order(number) })),
      });

    const aborted = await quick.transaction();
    await send(aborted, 1, 2);
    await aborted.abort();
    const open = await slow.transaction();
    await send(open, 3);
    const committed = await quick.transaction();
    await send(committed, 4, 5);
    await committed.commit();
    await send(pair.producer, 6);
    await sleep(1_000);
    expect(replica("shared"), "nothing passes a transaction that is open").toEqual([]);
    await send(open, 7);
    await open.commit();
    const again = await quick.transaction();
    await send(again, 8);
    await again.abort();
    await pair.producer.send({
      topic: TOPIC,
      messages: [
        { key: "k3", value: null },
        {
          key: "k6",
          value: order(9),
          headers: {
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            internal: "mine",
            ce_subject: "x",
          },
        },
        { value: order(10) },
        { key: "end", value: order(LAST) },
      ],
    });
    for (const follower of replicas.values())
      await follower.until((records) => records.some(({ number }) => number === LAST));
    await Promise.all([slow.disconnect(), quick.disconnect()]);
    const numbers = replica("shared").map(({ number, tombstone }) => (tombstone ? "gone" : number));
    expect(numbers).toEqual([3, 4, 5, 6, 7, "gone", 9, 10, LAST]);
  }, 60_000);

  it("keeps keys, tombstones and the named headers where the contract shares them", () => {
    const records = replica("shared");
    expect(records.map(({ key }) => key)).toEqual(["k3", "k4", "k5", "k6", "k7", "k3", "k6", null, "end"]);
    const headers = records.find(({ number }) => number === 9)?.headers ?? [];
    expect(headers).toContain("traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    expect(headers.filter((header) => /^(internal|ce_subject)=/.test(header))).toEqual([]);
    for (const record of records)
      expect(record.headers.some((header) => header.startsWith("ce_id="))).toBe(true);
    const ids = records.map((record) => record.headers.find((header) => header.startsWith("ce_id=")));
    expect(new Set(ids).size).toBe(records.length);
  });

  it("hides keys where the contract pseudonymises them, the same key under the same name", () => {
    const keys = replica("hidden").map(({ key }) => key);
    for (const key of keys) if (key !== null) expect(key).toMatch(/^[\w-]{22}$/);
    expect(keys.map((key) => keys.indexOf(key))).toEqual([0, 1, 2, 3, 4, 0, 3, 7, 8]);
    expect(keys[7]).toBeNull();
    expect(replica("hidden")[5]?.tombstone).toBe(true);
  });

  it("has no keys and no tombstones where the contract drops the key", () => {
    expect(replica("keyless").map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 9, 10, LAST]);
    expect(new Set(replica("keyless").map(({ key }) => key))).toEqual(new Set([null]));
  });

  it("has no tombstones where the contract asks each record whom it is about, because they do not say it", () => {
    expect(replica("scoped").map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 9, 10, LAST]);
  });

  it("arrives whole when it was packed into a batch much better than a frame packs it", async () => {
    const note = randomBytes(675_000).toString("base64");
    const numbers = Array.from({ length: 16 }, (_, n) => 100 + n);
    const records = numbers.map((number) => ({
      value: JSON.stringify({ number, supplier: SUBSCRIBER, note }),
    }));
    // Each repeats the one before at a distance that only the producer's packer looks back to.
    const batch = foreignBatch(records, { compression: "zstd", timestamp: BigInt(Date.now()) });
    const body = recordCodec.encode(recordCodec.decode(batch, 0n, 1e8));
    expect([batch.length < 1e6, body.length > LIMITS.frameBodyBytesMax]).toEqual([true, true]);
    const lab = new Lab(plain(pair.auroraKafka.bootstrap));
    await lab.writeBatch(TOPIC, 0, batch);
    lab.close();
    for (const name of ["shared", "scoped"] as const) {
      await replicas.get(name)?.until((found) => found.at(-1)?.number === numbers.at(-1));
      expect(
        replica(name)
          .slice(-numbers.length)
          .map(({ number }) => number),
      ).toEqual(numbers);
    }
  }, 60_000);
});
