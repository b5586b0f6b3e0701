import { afterEach, describe, expect, it } from "vitest";
import { Appender } from "../../src/kafka/appender.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { plainSettings } from "./lab.ts";
import { type Asked, ScriptedCluster } from "./scripted-cluster.ts";

const MESSAGE_TOO_LARGE = 10;
const record: OutboundRecord = { timestamp: 0n, key: null, value: Buffer.from("v"), headers: [] };

let ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

async function begun(): Promise<{ brokers: ScriptedCluster; appender: Appender }> {
  const brokers = await ScriptedCluster.start(3);
  const cluster = new Cluster({ ...plainSettings(""), brokers: brokers.bootstrap });
  ends.push(
    () => cluster.close(),
    () => brokers.stop(),
  );
  return { brokers, appender: new Appender(cluster, brokers.topic.name, 0) };
}

/** Says that broker 1 leads, as often as `times` more, and then broker 2. */
function electsAfter(brokers: ScriptedCluster, times: number): void {
  let left = times;
  brokers.leader = () => {
    left -= 1;
    return left >= 0 ? 1 : 2;
  };
}

const lastAsked = ({ asked }: ScriptedCluster, what: Asked) =>
  asked.findLast((request) => request.what === what)?.id;

describe("an appender whose leader dies", () => {
  it.each([0, 1, 8])("waits for the next one, which is known after %i looks", async (times) => {
    const { brokers, appender } = await begun();
    await appender.append([record]);
    brokers.kill(1);
    electsAfter(brokers, times);
    await appender.append([record]);
    expect(lastAsked(brokers, "produce")).toBe(2);
  });

  it.each([0, 1, 8])("does so, too, when it needs a new producer id first (%i looks)", async (times) => {
    const { brokers, appender } = await begun();
    await appender.append([record]);
    brokers.fault = MESSAGE_TOO_LARGE;
    await expect(appender.append([record])).rejects.toEqual(
      expect.objectContaining({ code: "KAFKA_REFUSED" }),
    );
    brokers.fault = 0;
    brokers.kill(1);
    electsAfter(brokers, times);
    await appender.append([record]);
    expect([lastAsked(brokers, "initProducerId"), lastAsked(brokers, "produce")]).toEqual([2, 2]);
  });

  it("and all others with it, fails with KAFKA_UNAVAILABLE", async () => {
    const { brokers, appender } = await begun();
    await appender.append([record]);
    brokers.stop();
    await expect(appender.append([record])).rejects.toEqual(
      expect.objectContaining({ code: "KAFKA_UNAVAILABLE" }),
    );
  });
});
