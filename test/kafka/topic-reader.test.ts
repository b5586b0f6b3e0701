import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedSource } from "../../src/bridge/publish/shared-source.ts";
import { FETCH, type FetchAnswer } from "../../src/kafka/fetch-request.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { readTopic } from "../../src/kafka/topic-reader.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { sharedKafka } from "../support/kafka.ts";
import { Lab, plainSettings, valuesOf } from "./lab.ts";
import { type Tap, TappedCluster } from "./tapped-cluster.ts";

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

describe("a reader", () => {
  it.each([
    { what: "little", bytes: 10, ahead: 0 },
    { what: "much", bytes: 100_000, ahead: 1 },
  ])("asks $ahead ahead of who has not come back for more, where $what came", async ({ bytes, ahead }) => {
    const name = await lab.topic();
    await lab.write(name, 0, [{ value: randomBytes(bytes).toString("latin1") }]);
    let fetches = 0;
    const cluster = new TappedCluster(lab.settings, async (_, send) => {
      fetches += 1;
      return await send();
    });
    const topic = await cluster.topic(name);
    if (topic === undefined) throw new Error("the topic was made");
    const stop = new AbortController();
    const from = [{ partition: 0, offset: 0n, leaderEpoch: -1 }];
    const reading = readTopic(cluster, topic, from, stop.signal);
    await reading.next();
    // Longer than the pace of small answers.
    await sleep(50);
    expect(fetches).toBe(1 + ahead);
    stop.abort();
    await reading.return(undefined);
    cluster.close();
  });

  it.each([
    { fault: "CORRUPT_MESSAGE", error: 2, code: "SOURCE_CORRUPT" },
    { fault: "UNSUPPORTED_COMPRESSION_TYPE", error: 76, code: "SOURCE_CODEC" },
  ])(
    "tells a partition of which its leader says $fault as a wedge, and reads the others on",
    async ({ fault, error, code }) => {
      const name = await lab.topic(2);
      await lab.write(name, 1, [{ value: "before" }]);
      const cluster = new TappedCluster(lab.settings, async (_, send) => {
        const answer = await send();
        const { partitions } = answer as FetchAnswer;
        const lies = partitions.map((row) => (row.partition === 0 ? { ...row, error, records: null } : row));
        return { ...answer, partitions: lies };
      });
      const topic = await cluster.topic(name);
      if (topic === undefined) throw new Error("the topic was made");
      const stop = new AbortController();
      const from = [0, 1].map((partition) => ({ partition, offset: 0n, leaderEpoch: -1 }));
      const seen: unknown[] = [];
      for await (const run of readTopic(cluster, topic, from, stop.signal)) {
        if ("error" in run) seen.push(run);
        else seen.push(...valuesOf(run));
        if (seen.length === 2) await lab.write(name, 1, [{ value: "after" }]);
        if (seen.length === 3) stop.abort();
      }
      cluster.close();
      const message = expect.stringContaining(fault);
      const wedge = { partition: 0, error: expect.objectContaining({ code, message }) };
      expect(seen).toEqual([...(seen[0] === "before" ? ["before", wedge] : [wedge, "before"]), "after"]);
    },
  );

  it("fetches once what two read who share it, and both see all of it", async () => {
    const topic = await lab.topic(2);
    const values = Array.from({ length: 60 }, (_, n) => `${n} ${randomBytes(50_000).toString("hex")}`);
    for (const [n, value] of values.entries()) await lab.write(topic, n % 2, [{ value }]);
    let fetched = 0;
    const tap: Tap = async (api, send) => {
      const answer = await send();
      if (api === FETCH)
        for (const { records } of (answer as FetchAnswer).partitions) fetched += records?.length ?? 0;
      return answer;
    };
    const source = kafkaTopicSource(lab.settings);
    const clusters: TappedCluster[] = [];
    const shared = sharedSource({
      ...source,
      read: (...asked) => {
        const cluster = new TappedCluster(lab.settings, tap);
        clusters.push(cluster);
        return readTopic(cluster, ...asked);
      },
    });
    const described = await shared.describe(topic);
    const from = await shared.positions(topic, "earliest");
    const readers = Array.from({ length: 2 }, async () => {
      const stop = new AbortController();
      const seen: unknown[] = [];
      for await (const run of soundRuns(shared.read(described, from, stop.signal))) {
        seen.push(...valuesOf(run));
        run.release?.();
        if (seen.length === values.length) stop.abort();
      }
      return seen;
    });
    for (const seen of await Promise.all(readers)) expect(seen.toSorted()).toEqual(values.toSorted());
    source.close();
    for (const cluster of clusters) cluster.close();
    // Batches that an answer cuts off are fetched again.
    const written = values.reduce((sum, { length }) => sum + length, 0);
    expect(fetched).toBeGreaterThan(written);
    expect(fetched).toBeLessThan(1.5 * written);
  });
});
