import { describe, expect, it, type TestContext } from "vitest";
import { Cluster } from "../../src/kafka/cluster.ts";
import { ClusterAway } from "../../src/kafka/fault.ts";
import { plainSettings } from "./lab.ts";
import { ScriptedCluster } from "./scripted-cluster.ts";

/** Three brokers, of which the settings name the first, and a cluster that has looked the topic up there. */
async function begun({ onTestFinished }: TestContext) {
  const brokers = await ScriptedCluster.start(3);
  const cluster = new Cluster({ ...plainSettings(""), brokers: brokers.bootstrap.slice(0, 1) });
  onTestFinished(() => {
    cluster.close();
    brokers.stop();
  });
  const look = async () => await cluster.topic(brokers.topic.name);
  expect(await look()).toMatchObject(brokers.topic);
  return { brokers, cluster, look };
}

describe("a cluster", () => {
  it("is asked through a broker that was found, when the one of the settings died", async (context) => {
    const { brokers, look } = await begun(context);
    brokers.kill(1);
    brokers.leader = () => 2;
    expect(await look()).toMatchObject({ leaders: [{ partition: 0, leader: 2 }] });
    brokers.kill(2);
    await look();
    expect(brokers.asked.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it("is away when none of its brokers can be reached", async (context) => {
    const { brokers, look } = await begun(context);
    brokers.stop();
    await expect(look()).rejects.toThrow(ClusterAway);
  });

  it("is away when it was closed, at once", async (context) => {
    const { cluster, look } = await begun(context);
    cluster.close();
    await expect(look()).rejects.toThrow("closed by this gateway");
    await expect(cluster.broker(1, "use")).rejects.toThrow(ClusterAway);
  });

  it("opens no other connection when it is closed while several wait for one", async (context) => {
    const { cluster } = await begun(context);
    const first = cluster.broker(2, "use");
    const second = cluster.broker(2, "use");
    cluster.close();
    expect(await first).toMatchObject({ alive: false });
    await expect(second).rejects.toThrow(ClusterAway);
  });
});
