import { describe, expect, test } from "vitest";
import { pushTarget, topicAt } from "../../../src/bridge/push/push-target.ts";
import { type ErrorCode, MeshError } from "../../../src/kernel/error.ts";
import type { ReplicaLink, ReplicaSink } from "../../../src/kernel/ports.ts";
import { AGREEMENT, AURORA } from "../../mesh/two-companies.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { pushingGateways } from "../pushes.ts";

const world = await pushingGateways(1);
const { snapshot } = world.aurora.registry;
const agreement = world.aurora.agreement();
if (agreement === undefined) throw new Error("The agreement stands.");

const link: ReplicaLink = {
  topic: "aurora.material-demand",
  partitions: 4,
  group: `tiermesh.${AGREEMENT}`,
  transactionalId: `tiermesh.${AGREEMENT}`,
  topicConfig: {},
};
const { signal } = new AbortController();
const targetOver = (sink: ReplicaSink) =>
  pushTarget(agreement, undefined, snapshot, { owner: AURORA, sinkOf: () => sink });
const failing = (error: unknown): ReplicaSink => ({ open: () => Promise.reject(error) });
const thrown = async (error: unknown): Promise<unknown> =>
  await targetOver(failing(error))
    .sink.open(link, signal)
    .catch((cause: unknown) => cause);

describe("a failure of the partner's Kafka", () => {
  test.each<[ErrorCode, Record<string, string>, ErrorCode, RegExp]>([
    ["KAFKA_UNAVAILABLE", {}, "TARGET_UNAVAILABLE", /^It failed\.$/],
    ["KAFKA_UNAVAILABLE", { tls: "CERT_HAS_EXPIRED" }, "TARGET_TLS", /^It failed\.$/],
    ["KAFKA_DENIED", {}, "TARGET_DENIED", /^It failed\.$/],
    ["KAFKA_DENIED", { fault: "SASL_AUTHENTICATION_FAILED" }, "TARGET_DENIED", /^It failed\.$/],
    [
      "KAFKA_DENIED",
      { fault: "TOPIC_AUTHORIZATION_FAILED" },
      "TARGET_DENIED",
      /helix for READ, WRITE .* 4 partitions/,
    ],
    [
      "KAFKA_DENIED",
      { fault: "GROUP_AUTHORIZATION_FAILED" },
      "TARGET_DENIED",
      /helix for READ on the group tiermesh\./,
    ],
    [
      "KAFKA_DENIED",
      { fault: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED" },
      "TARGET_NO_TRANSACTIONS",
      /helix for WRITE .* begin with tiermesh\..* `delivery: at-least-once`/,
    ],
    ["KAFKA_REFUSED", { fault: "MESSAGE_TOO_LARGE" }, "TARGET_TOPIC", /`max\.message\.bytes`/],
    ["KAFKA_REFUSED", { fault: "INVALID_RECORD" }, "KAFKA_REFUSED", /^It failed\.$/],
    ["LINK_FENCED", {}, "LINK_FENCED", /^It failed\.$/],
  ])("%s %j is told as %s", async (code, context, told, says) => {
    const error = await thrown(new MeshError(code, "It failed.", { context }));
    expect(error).toMatchObject({ code: told });
    expect((error as MeshError).message).toMatch(says);
  });

  test("that is a defect of ours stays one", async () => {
    const defect = new TypeError("A defect.");
    expect(await thrown(defect)).toBe(defect);
  });

  test("of one partition still says of which", async () => {
    const context = { fault: "MESSAGE_TOO_LARGE", partition: 3 };
    expect(await thrown(new MeshError("KAFKA_REFUSED", "It failed.", { context }))).toMatchObject({
      context,
    });
  });

  test("in a commit is told the same way", async () => {
    const sink = memoryReplicaSink(world.target, () => {
      throw new MeshError("KAFKA_UNAVAILABLE", "The cluster is away.");
    });
    const writer = await targetOver(sink).sink.open({ ...link, partitions: 1 }, signal);
    const cursor = { partition: 0, sequence: 0n, metadata: "" };
    await expect(writer.commit([{ partition: 0, batch: undefined, count: 0, cursor }])).rejects.toEqual(
      expect.objectContaining({ code: "TARGET_UNAVAILABLE" }),
    );
  });
});

test.each([
  ["aurora.", "aurora.orders"],
  ["in-", "in-orders"],
  [undefined, "BPNL00000003AYRE.orders"],
])("a topic there begins with %s", (topicPrefix, topic) => {
  expect(topicAt({ topicPrefix }, AURORA, "orders")).toBe(topic);
});

test("a company's id that no topic can hold is written so that one can", () => {
  expect(topicAt({ topicPrefix: undefined }, "urn:x-acme:plant 7/b", "orders")).toBe("plant-7-b.orders");
});
