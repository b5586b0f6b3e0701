import { protocolErrorsCodesById } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { BrokerFault, passes, toMeshError } from "../../src/kafka/fault.ts";
import { MeshError } from "../../src/kernel/error.ts";

const codeOf = (name: string): number =>
  Number(Object.entries(protocolErrorsCodesById).find(([, known]) => known === name)?.[0]);

describe("an error of the broker", () => {
  it.each([
    ["CONCURRENT_TRANSACTIONS", true, "KAFKA_UNAVAILABLE"],
    ["NOT_LEADER_OR_FOLLOWER", true, "KAFKA_UNAVAILABLE"],
    ["UNSTABLE_OFFSET_COMMIT", true, "KAFKA_UNAVAILABLE"],
    ["INVALID_PRODUCER_EPOCH", false, "LINK_FENCED"],
    ["PRODUCER_FENCED", false, "LINK_FENCED"],
    ["TOPIC_AUTHORIZATION_FAILED", false, "KAFKA_DENIED"],
    ["MESSAGE_TOO_LARGE", false, "KAFKA_REFUSED"],
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", false, "KAFKA_REFUSED"],
  ] as const)("%s: passes %s, else %s", (name, passing, code) => {
    const fault = new BrokerFault(codeOf(name), "do something");
    expect(passes(fault)).toBe(passing);
    expect(toMeshError(fault, "do something")).toMatchObject({ code, context: { fault: name } });
    expect(fault.message).toContain(name);
  });

  it("that is not known keeps its number", () => {
    expect(toMeshError(new BrokerFault(29_999, "do something"), "").message).toContain("29999");
  });

  it("names the partition that it is about, where it is about one", () => {
    const context = { fault: "MESSAGE_TOO_LARGE", refusedPartition: 0 };
    const fault = new BrokerFault(codeOf("MESSAGE_TOO_LARGE"), "do something", 0);
    expect(toMeshError(fault, "do something").context).toEqual(context);
  });

  it("is read from another client's error object too, also inside of others", () => {
    const inner = Object.assign(new Error("quotes a secret"), { type: "GROUP_AUTHORIZATION_FAILED" });
    const error = toMeshError(new AggregateError([inner]), "do something");
    expect(error).toMatchObject({ code: "KAFKA_DENIED", context: { fault: "GROUP_AUTHORIZATION_FAILED" } });
    expect(error.message).not.toContain("secret");
  });
});

describe("another error", () => {
  it("of the network is KAFKA_UNAVAILABLE and passes", () => {
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    const error = toMeshError(new Error("outer", { cause }), "do something");
    expect(error.code).toBe("KAFKA_UNAVAILABLE");
    expect(passes(error)).toBe(true);
  });

  it.each([
    "ENETUNREACH",
    "ENETDOWN",
    "EHOSTDOWN",
    "EADDRNOTAVAIL",
    "EACCES",
    "EMFILE",
    "ENOBUFS",
    "ENOTFOUND",
    "EAI_AGAIN",
  ])("of the system is KAFKA_UNAVAILABLE and passes: %s", (code) => {
    const error = toMeshError(Object.assign(new Error("system"), { code }), "do something");
    expect(error.code).toBe("KAFKA_UNAVAILABLE");
    expect(passes(error)).toBe(true);
  });

  it.each(["ERR_OUT_OF_RANGE", "ERR_SOCKET_BAD_PORT", "Z_DATA_ERROR"])(
    "of Node is none of the system: %s",
    (code) => {
      const error = toMeshError(Object.assign(new RangeError("ours"), { code }), "do something");
      expect(error.code).toBe("KAFKA_REFUSED");
    },
  );

  it("that says nothing is KAFKA_REFUSED, and its words are not repeated", () => {
    const error = toMeshError(new TypeError("quotes a secret"), "do something");
    expect(error.code).toBe("KAFKA_REFUSED");
    expect(error.message).not.toContain("secret");
  });

  it("that is a MeshError already stays as it is", () => {
    const error = new MeshError("SOURCE_CORRUPT", "It is broken.");
    expect(toMeshError(error, "do something")).toBe(error);
  });
});
