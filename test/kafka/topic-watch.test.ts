import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteTopic, growTopic } from "../../src/kafka/admin.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import { passes } from "../../src/kafka/fault.ts";
import { sameTopic, TopicWatch } from "../../src/kafka/topic-watch.ts";
import { sharedKafka } from "../support/kafka.ts";
import { Lab, plainSettings } from "./lab.ts";
import { ScriptedCluster } from "./scripted-cluster.ts";

const EVERY_MS = 20;

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

async function described(partitions: number) {
  const topic = await lab.cluster.topic(await lab.topic(partitions));
  if (topic === undefined) throw new Error("the topic was made");
  return topic;
}

describe("a watch on a topic", () => {
  it("tells once that partitions were added", async () => {
    const topic = await described(1);
    const told = Promise.withResolvers<void>();
    let times = 0;
    const watch = new TopicWatch(
      lab.cluster,
      topic,
      () => {
        times += 1;
        told.resolve();
      },
      EVERY_MS,
    );
    expect(watch.change).toBeUndefined();
    await growTopic(lab.settings, topic.name, 3);
    await told.promise;
    watch.stop();
    expect(watch.change).toMatchObject({ code: "STREAM_CHANGED", context: { partitions: 3 } });
    expect(times).toBe(1);
  });

  it("tells once that another leads: the leader of before may be cut off, and answer as if it led still", async () => {
    const brokers = await ScriptedCluster.start(2);
    const cluster = new Cluster({ ...plainSettings(""), brokers: brokers.bootstrap });
    const topic = await cluster.topic(brokers.topic.name);
    if (topic === undefined) throw new Error("the topic is there");
    const told = Promise.withResolvers<void>();
    const watch = new TopicWatch(cluster, topic, told.resolve, EVERY_MS);
    brokers.leader = () => 2;
    await told.promise;
    expect(passes(watch.change)).toBe(true);
    cluster.close();
    brokers.stop();
  });

  it("leaves it to the reading to say that the topic is gone", async () => {
    const topic = await described(1);
    await deleteTopic(lab.settings, topic.name);
    const watch = new TopicWatch(lab.cluster, topic, () => {}, EVERY_MS);
    await expect(sameTopic(lab.cluster, topic)).rejects.toMatchObject({ code: "SOURCE_MISSING" });
    expect(watch.change).toBeUndefined();
    watch.stop();
  });
});

describe("a topic that is looked at again", () => {
  it("is the same while its id is, and has no fewer partitions than described", async () => {
    const topic = await described(2);
    expect(await sameTopic(lab.cluster, topic)).toMatchObject({ partitions: 2 });
    const other = { ...topic, topicId: "0".repeat(32) };
    await expect(sameTopic(lab.cluster, other)).rejects.toMatchObject({ code: "SOURCE_RECREATED" });
    const smaller = { ...topic, partitions: 1 };
    await expect(sameTopic(lab.cluster, smaller)).rejects.toMatchObject({ code: "STREAM_CHANGED" });
  });

  it("is waited for at a broker that does not know all of its partitions: the others would not be read", async () => {
    const topic = await described(1);
    const looking = sameTopic(lab.cluster, { ...topic, partitions: 2 });
    expect(await looking.catch(passes)).toBe(true);
  });
});
