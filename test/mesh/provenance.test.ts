import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { OpaqueKeys } from "../../src/kernel/ports.ts";
import type { RecordHeader } from "../../src/kernel/record.ts";
import { placeOf } from "../../src/mesh/place.ts";
import { labelOf, mayPublish, pathOf, provenanceHeaders } from "../../src/mesh/provenance.ts";

const AURORA = "urn:bpn:BPNL00000003AYRE";
const HELIX = "urn:bpn:BPNL00000007QWER";
const keys = (seed: string): OpaqueKeys => ({
  opaque: (use) => createSecretKey(Buffer.from(`${seed}:${use}`)),
});
const origin = (text: string): RecordHeader => ["ce_meshorigin", Buffer.from(text)];
const stream = { agreement: "8f5d1c2a", topicId: "t", partition: 1 };
const place = { offset: 7n, sequence: 23 };

describe("pathOf", () => {
  test("reads the companies, oldest first, from every header of the name", () => {
    expect(pathOf([origin(`${AURORA} ${HELIX}`), ["x", Buffer.from("urn:x-demo:no")]])).toEqual([
      AURORA,
      HELIX,
    ]);
    expect(pathOf([origin(HELIX), ["CE_MeshOrigin", Buffer.from(AURORA)]])).toEqual([HELIX, AURORA]);
  });

  test("leaves out what names no company, so that nothing else can ride along", () => {
    expect(pathOf([origin(`secret ${AURORA}  urn:x:1 ${AURORA}\n`), ["ce_meshorigin", null]])).toEqual([
      AURORA,
    ]);
    expect(pathOf([["ce_meshorigin", Uint8Array.from([0xff])]])).toEqual([]);
  });
});

describe("provenanceHeaders", () => {
  test("put the owner last on the path, once", () => {
    const [first, second, third, fourth] = provenanceHeaders(
      { path: [AURORA, HELIX], owner: AURORA, label: "allowed" },
      stream,
      place,
      keys("a"),
    );
    expect(first?.[1]?.toString()).toBe(`${HELIX} ${AURORA}`);
    expect([second?.[0], second?.[1]?.toString()]).toEqual(["ce_meshagreement", "8f5d1c2a"]);
    expect([third?.[0], third?.[1]?.toString()]).toEqual(["ce_meshonward", "allowed"]);
    expect([fourth?.[0], fourth?.[1]?.toString()]).toEqual([
      "ce_meshplace",
      placeOf(stream, place, keys("a")),
    ]);
  });
});

describe("the label", () => {
  const label = (...texts: readonly (string | null)[]) =>
    labelOf(texts.map((text) => ["ce_MeshOnward", text === null ? null : Buffer.from(text)]));
  test.each([
    [[], undefined],
    [["allowed"], "allowed"],
    [["allowed", "allowed"], "allowed"],
    [["forbidden"], "forbidden"],
    [["allowed", "forbidden"], "forbidden"],
    [["allowed", null], "forbidden"],
    [[" allowed"], "forbidden"],
    [[null], "forbidden"],
  ] as const)("of %j is %s", (texts, expected) => {
    expect(label(...texts)).toBe(expected);
  });

  test.each([
    [[], undefined, true],
    [[], "forbidden", true],
    [[AURORA], "forbidden", true],
    [[HELIX], undefined, false],
    [[HELIX], "forbidden", false],
    [[HELIX, AURORA], "forbidden", false],
    [[HELIX, AURORA], "allowed", true],
  ] as const)("on the path %j, when it is %s: %s", (path, given, expected) => {
    expect(mayPublish(path, given, AURORA)).toBe(expected);
  });
});
