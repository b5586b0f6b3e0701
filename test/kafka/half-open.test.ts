import { describe, expect, it, type TestContext } from "vitest";
import { Appender } from "../../src/kafka/appender.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import { ONCE } from "../../src/kafka/patience.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { plainSettings } from "./lab.ts";
import { ScriptedCluster } from "./scripted-cluster.ts";

const NOTICED_MS = 10_000;
const record = { timestamp: 0n, key: null, value: Buffer.from("v"), headers: [] };
const unavailable = expect.objectContaining({ code: "KAFKA_UNAVAILABLE" });

/** A broker behind a proxy, to which connections are open that have carried something. */
async function throughProxy({ onTestFinished }: TestContext) {
  const brokers = await ScriptedCluster.start(1);
  const proxy = await FaultProxy.start(() => 0.5, brokers.portOf(1));
  brokers.advertised = () => proxy.port;
  const settings = { ...plainSettings(""), brokers: brokers.bootstrap };
  const cluster = new Cluster(settings);
  const appender = new Appender(cluster, brokers.topic.name, 0);
  const stopped = new AbortController();
  const from = [{ partition: 0, offset: 0n, leaderEpoch: -1 }];
  const source = kafkaTopicSource(settings);
  const reading = source.read(brokers.topic, from, stopped.signal)[Symbol.asyncIterator]().next();
  onTestFinished(async () => {
    stopped.abort();
    source.close();
    cluster.close();
    brokers.stop();
    await proxy.stop();
  });
  await appender.append([record]);
  await expect.poll(() => brokers.asked.filter(({ what }) => what === "fetch").length).toBeGreaterThan(1);
  return { brokers, proxy, cluster, appender, reading };
}

describe.concurrent("a connection to a broker that is half-open: nothing breaks, nothing comes", () => {
  it(
    "fails what waits for it within ten seconds: appending, reading and looking up",
    async (context) => {
      const { brokers, proxy, cluster, appender, reading } = await throughProxy(context);
      proxy.silence();
      await Promise.all([
        expect(appender.append([record])).rejects.toEqual(unavailable),
        expect(reading).rejects.toEqual(unavailable),
        expect(cluster.topic(brokers.topic.name, ONCE)).rejects.toEqual(unavailable),
      ]);
    },
    NOTICED_MS,
  );

  it("is replaced as soon as it works again, with all others to that broker: what waits is done late", async (context) => {
    const { proxy, appender, reading } = await throughProxy(context);
    // Whether it reads on is the other test's matter; here it is stopped at the end.
    reading.catch(() => {});
    proxy.silence();
    const waiting = appender.append([record]);
    await proxy.heal();
    await waiting;
  });
});
