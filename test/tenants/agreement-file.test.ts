import { beforeAll, describe, expect, test } from "vitest";
import { readDocument } from "../../src/document/document.ts";
import type { Agreement } from "../../src/kernel/agreement.ts";
import type { Json } from "../../src/kernel/json.ts";
import {
  checkSignatures,
  newAgreement,
  readAgreement,
  signAgreement,
  withStatus,
} from "../../src/tenants/agreement-file.ts";
import { makeCard } from "../../src/tenants/card.ts";
import type { KeyRing } from "../../src/tenants/keys.ts";
import { AURORA, changed, documentOf, freshRing, HELIX } from "./company.ts";

const FIELDS = {
  id: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
  startTimestamp: "2026-12-01T00:00:00Z",
  endTimestamp: "2027-11-30T23:59:59Z",
  purpose: "cx.dcm.base",
  provider: AURORA,
  consumer: HELIX,
  contractName: "material-demand",
  contractVersion: "2.1.0",
  contractDigest: `sha-256:${"0123456789abcdef".repeat(4)}`,
};
const asked = newAgreement({
  ...FIELDS,
  nextReassessmentTimestamp: "2027-06-01T00:00:00Z",
  usage: "Capacity planning.",
  narrow: { "/demandSeries/*/customerLocation": { action: "drop" } },
  parameters: { plants: ["4711", "4712"], region: "EU" },
  quota: { recordsPerSecond: 100 },
  start: "2026-01-01T00:00:00Z",
});
let aurora: KeyRing;
let helix: KeyRing;
const keysOf = (company: string) => ({ [AURORA]: aurora, [HELIX]: helix })[company]?.publicKeys ?? [];
const read = (json: Json): Agreement => {
  const { agreement, problems } = readAgreement(documentOf(json));
  if (agreement === undefined) throw new Error(JSON.stringify(problems));
  return agreement;
};
const check = (json: Json) => checkSignatures(json, read(json), keysOf);
const SIGNED_AT = "2026-11-23T08:00:00.500Z";

beforeAll(async () => {
  aurora = await freshRing();
  helix = await freshRing();
});

describe("an agreement", () => {
  test("says what was asked for", () => {
    expect(read(asked)).toEqual({
      id: FIELDS.id,
      status: "requested",
      startsAt: Date.UTC(2026, 11, 1),
      endsAt: Date.UTC(2027, 10, 30, 23, 59, 59),
      purpose: "cx.dcm.base",
      usage: "Capacity planning.",
      provider: AURORA,
      consumer: HELIX,
      contractName: "material-demand",
      contractVersion: "2.1.0",
      contractDigest: FIELDS.contractDigest,
      narrow: new Map([["/demandSeries/*/customerLocation", { action: "drop" }]]),
      parameters: { plants: ["4711", "4712"], region: "EU" },
      quota: { recordsPerSecond: 100 },
      start: { at: "time", time: Date.UTC(2026, 0, 1) },
      delivery: "pull",
      signatures: [],
    });
  });

  test("has its defaults where it says nothing", () => {
    const { narrow, parameters, quota, start, delivery, usage } = read(newAgreement(FIELDS));
    expect({ narrow, parameters, quota, start, delivery, usage }).toEqual({
      narrow: new Map(),
      parameters: {},
      quota: undefined,
      start: { at: "earliest" },
      delivery: "pull",
      usage: undefined,
    });
  });

  test("says whether its stream is pushed, and that is signed", () => {
    const pushed = newAgreement({ ...FIELDS, delivery: "push" });
    expect(read(pushed).delivery).toBe("push");
    const signed = signAgreement(pushed, helix, HELIX, SIGNED_AT);
    const pulled = JSON.parse(JSON.stringify(signed).replace('"push"', '"pull"'));
    expect([...check(signed).signedBy]).toEqual([HELIX]);
    expect([...check(pulled).signedBy]).toEqual([]);
  });

  test("of the file formats' own page is read", () => {
    const yaml = `apiVersion: v0.9.0
kind: AccessAgreement
id: 8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10
status: requested
startTimestamp: "2026-12-01T00:00:00Z"
endTimestamp: "2027-11-30T23:59:59Z"
nextReassessmentTimestamp: "2027-06-01T00:00:00Z"
description: {purpose: cx.dcm.base, usage: Capacity planning for part family 4711.}
provider: {teamId: urn:bpn:BPNL00000003AYRE, dataContractId: material-demand, dataContractVersion: 2.1.0}
consumer: {teamId: urn:bpn:BPNL00000007QWER}
customProperties:
- {property: mesh.contractDigest, value: "${FIELDS.contractDigest}"}
- {property: mesh.narrow, value: {fields: {/demandSeries/*/customerLocation: {action: drop}}}}
- {property: com.example.ticket, value: {id: 7}}
`;
    const document = readDocument(yaml, "a.yaml");
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    expect(readAgreement(document.value).problems).toEqual([]);
  });

  test("may write the action null as YAML reads it, or in quotes", () => {
    const yaml = JSON.stringify(property("mesh.narrow", 0)).replace(
      "0}]",
      '{fields: {/a: {action: null}, /b: {action: "null"}}}}]',
    );
    const text = JSON.stringify(changed(asked, "/customProperties", [])).replace(
      '"customProperties":[]',
      `"customProperties":${yaml}`,
    );
    const document = readDocument(text, "a.yaml");
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    const { agreement, problems } = readAgreement(document.value);
    expect(problems).toEqual([]);
    expect(agreement?.narrow).toEqual(
      new Map([
        ["/a", { action: "null" }],
        ["/b", { action: "null" }],
      ]),
    );
  });

  const property = (name: string, value: Json): Json => [
    { property: "mesh.contractDigest", value: FIELDS.contractDigest },
    { property: name, value },
  ];
  const REFUSED: readonly (readonly [
    what: string,
    pointer: string,
    value: Json | undefined,
    rule: string,
  ])[] = [
    ["no digest of the contract", "/customProperties", [], "agreement.required"],
    ["a digest of another kind", "/customProperties/0/value", "sha-1:00", "agreement.format"],
    ["no purpose", "/description/purpose", undefined, "agreement.required"],
    ["an id that is no UUID", "/id", "../x", "agreement.format"],
    ["a state that there is not", "/status", "approve", "agreement.value"],
    ["an end before its start", "/endTimestamp", "2026-11-30T23:59:59Z", "agreement.term"],
    ["a leap second", "/endTimestamp", "2027-12-31T23:59:60Z", "agreement.format"],
    ["a time without offset", "/startTimestamp", "2026-12-01T00:00:00", "agreement.format"],
    ["a provider that is no company", "/provider/teamId", "aurora", "agreement.company"],
    ["one company on both sides", "/consumer/teamId", AURORA, "agreement.company"],
    ["an unknown key", "/purpose", "x", "agreement.unknown-key"],
    ["an unknown property of ours", "/customProperties", property("mesh.narow", {}), "agreement.unknown-key"],
    [
      "a property of ours twice",
      "/customProperties",
      property("mesh.contractDigest", FIELDS.contractDigest),
      "agreement.repeated",
    ],
    [
      "an action that there is not",
      "/customProperties",
      property("mesh.narrow", { fields: { "/a": { action: "hide" } } }),
      "agreement.value",
    ],
    [
      "an action without its parameter",
      "/customProperties",
      property("mesh.narrow", { fields: { "/a": { action: "prefix" } } }),
      "agreement.required",
    ],
    [
      "a field that is no pointer",
      "/customProperties",
      property("mesh.narrow", { fields: { "/a~2": { action: "drop" } } }),
      "agreement.narrow",
    ],
    [
      "a quota of nothing",
      "/customProperties",
      property("mesh.quota", { recordsPerSecond: 0 }),
      "agreement.range",
    ],
    ["a start that is none", "/customProperties", property("mesh.start", "tomorrow"), "agreement.format"],
    [
      "a parameter that is a number",
      "/customProperties",
      property("mesh.parameters", { a: 1 }),
      "agreement.form",
    ],
    [
      "a signature of a stranger",
      "/signatures",
      [{ company: "urn:x-t:stranger", kid: "x", signedAt: SIGNED_AT, jws: "x" }],
      "agreement.signer",
    ],
    [
      "two signatures of one company",
      "/signatures",
      [1, 2].map(() => ({ company: HELIX, kid: "x", signedAt: SIGNED_AT, jws: "x" })),
      "agreement.signer",
    ],
  ];
  test.each(REFUSED)("with %s is refused", (_what, pointer, value, rule) => {
    const { agreement, problems } = readAgreement(documentOf(changed(asked, pointer, value)));
    expect(agreement).toBe(undefined);
    expect(problems.map((problem) => problem.rule)).toContain(rule);
  });

  test("with a mistyped property of ours is told which was meant, and where", () => {
    const { problems } = readAgreement(
      documentOf(changed(asked, "/customProperties", property("mesh.narow", {}))),
    );
    expect(problems).toMatchObject([
      { pointer: "/customProperties/1/property", mend: "Did you mean `mesh.narrow`?" },
    ]);
  });
});

describe("the signatures of an agreement", () => {
  test("of both companies count", () => {
    const both = signAgreement(signAgreement(asked, helix, HELIX, SIGNED_AT), aurora, AURORA, SIGNED_AT);
    expect(check(both)).toEqual({ signedBy: new Set([HELIX, AURORA]), problems: [] });
  });

  test("hold whatever the state becomes", () => {
    const signed = signAgreement(asked, helix, HELIX, SIGNED_AT);
    expect(check(withStatus(signed, "revoked"))).toEqual({ signedBy: new Set([HELIX]), problems: [] });
    expect(read(withStatus(signed, "revoked")).status).toBe("revoked");
  });

  test("are replaced when a company signs again", () => {
    const once = signAgreement(asked, helix, HELIX, SIGNED_AT);
    const again = signAgreement(once, helix, HELIX, "2026-11-24T08:00:00Z");
    expect(read(again).signatures).toHaveLength(1);
    expect(check(again)).toEqual({ signedBy: new Set([HELIX]), problems: [] });
  });

  test("do not change what was given to sign", () => {
    const before = structuredClone(asked);
    signAgreement(asked, helix, HELIX, SIGNED_AT);
    expect(asked).toEqual(before);
  });

  test.each([
    ["/endTimestamp", "2028-11-30T23:59:59Z"],
    ["/description/purpose", "cx.other"],
    ["/provider/dataContractVersion", "2.2.0"],
    ["/customProperties/1/value/fields", {}],
    ["/customProperties/0/value", `sha-256:${"f".repeat(64)}`],
    ["/description/terms", "And everything else."],
  ] as readonly (readonly [string, Json])[])(
    "do not count when %s was changed after signing",
    (pointer, value) => {
      const signed = signAgreement(asked, helix, HELIX, SIGNED_AT);
      const { signedBy, problems } = check(changed(signed, pointer, value));
      expect(signedBy.size).toBe(0);
      expect(problems).toMatchObject([{ rule: "agreement.signature", pointer: "/signatures/0" }]);
    },
  );

  test("do not count in the name of another company", () => {
    // Each of the parties tries to sign for the other.
    const forged = signAgreement(asked, helix, AURORA, SIGNED_AT);
    expect(check(forged).signedBy.size).toBe(0);
    const relabelled = changed(
      signAgreement(asked, helix, HELIX, SIGNED_AT),
      "/signatures/0/company",
      AURORA,
    );
    expect(check(relabelled).signedBy.size).toBe(0);
  });

  test("do not count once the company's card is not accepted any more", () => {
    const signed = signAgreement(asked, helix, HELIX, SIGNED_AT);
    expect(checkSignatures(signed, read(signed), () => []).signedBy.size).toBe(0);
  });

  test("do not count with another time than was signed", () => {
    const signed = signAgreement(asked, helix, HELIX, SIGNED_AT);
    const backdated = changed(signed, "/signatures/0/signedAt", "2026-01-01T00:00:00Z");
    expect(check(backdated)).toMatchObject({
      problems: [{ message: expect.stringContaining("time of signing") }],
    });
  });

  test("of a card are not taken for signatures of an agreement", () => {
    const fields = { id: HELIX, name: "Helix", url: "https://h.example", serial: 1, issuedAt: SIGNED_AT };
    const { signature } = makeCard(helix, fields) as unknown as { signature: { kid: string; jws: string } };
    const moved = changed(asked, "/signatures", [{ company: HELIX, signedAt: SIGNED_AT, ...signature }]);
    expect(check(moved).signedBy.size).toBe(0);
  });
});
