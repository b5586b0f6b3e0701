import {
  type API,
  addOffsetsToTxnV3,
  apiVersionsV3,
  type Connection,
  describeConfigsV4,
  findCoordinatorV4,
  incrementalAlterConfigsV1,
  initProducerIdV4,
  listOffsetsV7,
  metadataV12,
  offsetCommitV9,
  offsetFetchV8,
  saslAuthenticateV2,
  saslHandshakeV1,
  type Writer,
} from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { FEATURES, FIND_COORDINATOR, LIST_OFFSETS, METADATA } from "../../src/kafka/cluster-requests.ts";
import { DESCRIBE_TOPIC, SET_TOPIC } from "../../src/kafka/config-requests.ts";
import { OFFSET_COMMIT, OFFSET_FETCH } from "../../src/kafka/offset-requests.ts";
import { ADD_OFFSETS, INIT_PRODUCER_ID } from "../../src/kafka/producer-requests.ts";
import type { Request } from "../../src/kafka/request.ts";
import { SASL_AUTHENTICATE, SASL_HANDSHAKE } from "../../src/kafka/sasl-requests.ts";
import { WireReader } from "../../src/kafka/wire.ts";
import { WireWriter } from "../../src/kafka/wire-writer.ts";

/** What a request is: its key, its version, and its bytes. */
type Sent = readonly [key: number, version: number, bytes: string];

function ours<Given extends readonly unknown[]>(
  { api, write }: Request<Given, unknown>,
  ...given: Given
): Sent {
  return [api.key, api.version, Buffer.concat(write(...given).pieces()).toString("hex")];
}

/** As another client writes it. */
function theirs<Given extends unknown[]>(api: API<Given, unknown>, ...given: Given): Sent {
  let sent: Sent | undefined;
  const send = (key: number, version: number, write: () => Writer): void => {
    sent = [key, version, Buffer.concat(write().buffers).toString("hex")];
  };
  void api.async({ send } as unknown as Connection, ...given);
  if (sent === undefined) throw new Error("The other client sent nothing.");
  return sent;
}

const who = { transactionalId: "tiermesh.a", producerId: 4_711n, producerEpoch: 3 };
const partitions = [
  { partition: 0, leader: 1, leaderEpoch: 5 },
  { partition: 7, leader: 1, leaderEpoch: -1 },
];
const offset = { partition: 2, offset: 99n, metadata: "sha-256:00 sealed" };
const settings = { "retention.ms": "1000", "cleanup.policy": "delete" };
const resource = { resourceType: 2, resourceName: "t" } as const;

describe("a request of the control plane is written as another client writes it", () => {
  it.each<[string, Sent, Sent]>([
    ["Metadata", ours(METADATA, "orders"), theirs(metadataV12.api, [{ name: "orders" }], false, false)],
    ["FindCoordinator", ours(FIND_COORDINATOR, 1, "ö"), theirs(findCoordinatorV4.api, 1, ["ö"])],
    [
      "ListOffsets",
      ours(LIST_OFFSETS, "t", partitions, -1n, 1),
      theirs(listOffsetsV7.api, -1, 1, [
        {
          name: "t",
          partitions: partitions.map((row) => ({
            partitionIndex: row.partition,
            currentLeaderEpoch: row.leaderEpoch,
            timestamp: -1n,
          })),
        },
      ]),
    ],
    ["ApiVersions", ours(FEATURES, "tiermesh", "1"), theirs(apiVersionsV3.api, "tiermesh", "1")],
    [
      "InitProducerId",
      ours(INIT_PRODUCER_ID, "tiermesh.a", 60_000),
      theirs(initProducerIdV4.api, "tiermesh.a", 60_000, -1n, -1),
    ],
    [
      "InitProducerId of nobody",
      ours(INIT_PRODUCER_ID, null, 0),
      theirs(initProducerIdV4.api, null, 0, -1n, -1),
    ],
    [
      "AddOffsetsToTxn",
      ours(ADD_OFFSETS, who, "group"),
      theirs(addOffsetsToTxnV3.api, "tiermesh.a", 4_711n, 3, "group"),
    ],
    [
      "OffsetCommit",
      ours(OFFSET_COMMIT, "group", { generation: 8, member: "m" }, "t", [offset]),
      theirs(offsetCommitV9.api, "group", 8, "m", null, [
        {
          name: "t",
          partitions: [
            {
              partitionIndex: 2,
              committedOffset: 99n,
              committedLeaderEpoch: -1,
              committedMetadata: offset.metadata,
            },
          ],
        },
      ]),
    ],
    [
      "OffsetFetch",
      ours(OFFSET_FETCH, "group", "t", [0, 1, 300]),
      theirs(
        offsetFetchV8.api,
        [
          {
            groupId: "group",
            memberId: null,
            memberEpoch: -1,
            topics: [{ name: "t", partitionIndexes: [0, 1, 300] }],
          },
        ],
        true,
      ),
    ],
    [
      "DescribeConfigs",
      ours(DESCRIBE_TOPIC, "t", Object.keys(settings)),
      theirs(
        describeConfigsV4.api,
        [{ ...resource, configurationKeys: Object.keys(settings) }],
        false,
        false,
      ),
    ],
    [
      "IncrementalAlterConfigs",
      ours(SET_TOPIC, "t", Object.entries(settings)),
      theirs(
        incrementalAlterConfigsV1.api,
        [
          {
            ...resource,
            configs: Object.entries(settings).map(([name, value]) => ({
              name,
              value,
              configOperation: 0 as const,
            })),
          },
        ],
        false,
      ),
    ],
    ["SaslHandshake", ours(SASL_HANDSHAKE, "SCRAM-SHA-512"), theirs(saslHandshakeV1.api, "SCRAM-SHA-512")],
    [
      "SaslAuthenticate",
      ours(SASL_AUTHENTICATE, Buffer.from("n,,n=a")),
      theirs(saslAuthenticateV2.api, Buffer.from("n,,n=a")),
    ],
  ])("%s", (_, own, other) => {
    expect(own).toEqual(other);
  });
});

const answer = (writer: WireWriter): WireReader => new WireReader(Buffer.concat(writer.pieces()));
const fault = (name: string) => expect.objectContaining({ fault: name });

describe("an answer", () => {
  it("of OffsetFetch leaves out what was never committed", () => {
    const rows = [
      { partition: 0, offset: 5n },
      { partition: 1, offset: -1n },
    ];
    const group = (code: number) =>
      answer(
        new WireWriter()
          .int32(0)
          .list(["group"], (groups, id) => {
            groups
              .text(id)
              .list(["t"], (topics, name) => {
                topics
                  .text(name)
                  .list(rows, (w, row) =>
                    w.int32(row.partition).int64(row.offset).int32(-1).text("meta").int16(code).tags(),
                  )
                  .tags();
              })
              .int16(0)
              .tags();
          })
          .tags(),
      );
    expect(OFFSET_FETCH.read(group(0), "ask")).toEqual([{ partition: 0, sequence: 5n, metadata: "meta" }]);
    expect(() => OFFSET_FETCH.read(group(88), "ask")).toThrow(fault("UNSTABLE_OFFSET_COMMIT"));
  });

  it("of a handshake tells a mechanism that the broker has not", () => {
    expect(() => SASL_HANDSHAKE.read(answer(new WireWriter().int16(33)), "ask")).toThrow(
      fault("UNSUPPORTED_SASL_MECHANISM"),
    );
  });

  it("of SaslAuthenticate tells how long the session lasts, and never what the broker says of a user", () => {
    const said = (code: number) =>
      answer(new WireWriter().int16(code).text("somebody").data(Buffer.from("v=x")).int64(2_000n).tags());
    expect(SASL_AUTHENTICATE.read(said(0), "ask")).toEqual({ message: Buffer.from("v=x"), sessionMs: 2_000 });
    expect(() => SASL_AUTHENTICATE.read(said(58), "ask")).toThrow(fault("SASL_AUTHENTICATION_FAILED"));
    expect(() => SASL_AUTHENTICATE.read(said(58), "ask")).not.toThrow(/somebody/);
  });
});
