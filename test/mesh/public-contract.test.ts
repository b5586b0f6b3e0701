import { describe, expect, test } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import { publicContract, readContractRef } from "../../src/mesh/public-contract.ts";
import { readEntry } from "../../src/mesh/registry/snapshot.ts";
import { contractFiles } from "./two-companies.ts";

const { registered } = readEntry(contractFiles());
if (registered?.kind !== "DataContract") throw new Error("The example contract is sound.");
const contract = registered.value;
const shown = publicContract(contract) as Readonly<Record<string, Json>>;

describe("what a partner may see of a contract", () => {
  test("is what it can be asked for by, and what it is about", () => {
    expect(shown).toEqual({
      ...contract.ref,
      owner: "urn:bpn:BPNL00000003AYRE",
      status: "active",
      description: contract.description,
      purposes: ["cx.dcm.base", "cx.puris.base"],
      onwardSharing: "forbidden",
      push: "exactly-once",
      event: {
        type: "com.aurora.dcm.material-demand.updated.v2",
        source: "urn:bpn:BPNL00000003AYRE:dcm",
        mode: "binary",
      },
      retentionMs: 90 * 24 * 3_600_000,
    });
  });

  test("holds no topic, field, header, host or rule", () => {
    const text = JSON.stringify(shown);
    for (const secret of [
      'dcm.material-demand"',
      "plannerEmail",
      "traceparent",
      "kafka",
      "pseudonymize",
      "/supplier",
    ])
      expect(text).not.toContain(secret);
  });

  test("is read back as what names the contract", () => {
    const { id, name, version, digest, purposes } = shown;
    expect(readContractRef(shown)).toEqual({ id, name, version, digest, purposes });
  });

  test.each<[string, Json]>([
    ["null", null],
    ["a list", []],
    ["no digest", { ...shown, digest: null }],
    ["a number as version", { ...shown, version: 2 }],
    ["purposes that are no list", { ...shown, purposes: "cx.dcm.base" }],
    ["a purpose that is no text", { ...shown, purposes: [1] }],
  ])("is no contract with %s", (_, answer) => {
    expect(readContractRef(answer)).toBeUndefined();
  });
});
