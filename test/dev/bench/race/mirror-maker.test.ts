import { describe, expect, test } from "vitest";
import {
  exceptionOf,
  type MirrorVariant,
  mirrorProperties,
} from "../../../../dev/bench/race/mirror-maker.ts";

const PLACES = { alias: "r1", source: "127.0.0.1:1", target: "127.0.0.1:2", port: 3 };
const settingsOf = (variant: MirrorVariant): ReadonlyMap<string, string> =>
  new Map(
    mirrorProperties(variant, PLACES)
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" = ") as [string, string]),
  );

describe("the settings of MirrorMaker 2", () => {
  test("name both clusters, the topic and one way", () => {
    expect(Object.fromEntries(settingsOf("default"))).toMatchObject({
      clusters: "r1, B",
      "r1.bootstrap.servers": "127.0.0.1:1",
      "B.bootstrap.servers": "127.0.0.1:2",
      "r1->B.enabled": "true",
      "r1->B.topics": "race.demand",
      "B->r1.enabled": "false",
      "B->r1.emit.heartbeats.enabled": "false",
    });
  });

  test.each(["default", "tuned", "exactly-once"] as const)("are made for one broker each: %s", (variant) => {
    const factors = [...settingsOf(variant)].filter(([name]) => name.endsWith("replication.factor"));
    expect(factors).toHaveLength(7);
    expect(factors.every(([, value]) => value === "1")).toBe(true);
  });

  test("are as shipped by default: nothing of producers, consumers or tasks", () => {
    expect([...settingsOf("default").keys()].filter((name) => /producer|consumer|tasks/.test(name))).toEqual(
      [],
    );
  });

  test.each([
    ["tuned", "B.producer.enable.idempotence", "true"],
    ["tuned", "B.producer.batch.size", "524288"],
    ["tuned", "B.producer.linger.ms", "20"],
    ["tuned", "r1.consumer.max.poll.records", "5000"],
    ["tuned", "B.exactly.once.source.support", undefined],
    ["exactly-once", "B.producer.batch.size", "524288"],
    ["exactly-once", "B.exactly.once.source.support", "enabled"],
    ["exactly-once", "r1.consumer.isolation.level", "read_committed"],
    ["exactly-once", "dedicated.mode.enable.internal.rest", "true"],
    ["exactly-once", "listeners", "http://127.0.0.1:3"],
    // Connect sets it, and refuses to be told.
    ["exactly-once", "B.producer.enable.idempotence", undefined],
  ] as const)("%s: %s is %s", (variant, name, value) => expect(settingsOf(variant).get(name)).toBe(value));
});

describe("a dead task", () => {
  test("is told by the exception that follows", () => {
    const log = `WARN org.apache.kafka.common.errors.TimeoutException: before
ERROR WorkerSourceTask{id=x-0} Task threw an uncaught and unrecoverable exception. Task is being killed and will not recover until manually restarted
org.apache.kafka.connect.errors.ConnectException: failed`;
    expect(exceptionOf(log)).toBe("ConnectException");
    expect(exceptionOf("no word of it")).toBe("no exception named");
  });
});
