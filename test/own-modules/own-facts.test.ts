import { expect, test } from "vitest";
import { ownFacts } from "../../src/own-modules/own-facts.ts";
import { agreement, contract, HELIX, number, partner, share, text } from "../policy/sample.ts";

const FIELDS = {
  name: text(share, { class: "confidential", categories: ["person"] }),
  demands: { members: {}, elements: { members: { demand: number({ action: "drop" }) } } },
};
const facts = {
  contract: contract(FIELDS, { headers: ["traceparent"] }),
  partner: partner({ country: undefined }),
  agreement: agreement({ parameters: { partFamily: "4711" } }),
  purpose: "cx.dcm.base",
  others: [],
  received: undefined,
};

test("the facts are plain data, with null for what there is not, and say nothing of files and keys", () => {
  const plain = ownFacts(facts);
  expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
  expect(plain).toMatchObject({
    contract: { name: "material-demand", exportClass: null, headers: ["traceparent"] },
    partner: { id: HELIX, country: null, groups: ["tier-1"] },
    agreement: { startsAt: Date.UTC(2026, 11, 1), parameters: { partFamily: "4711" } },
    purpose: "cx.dcm.base",
    received: null,
  });
  expect(JSON.stringify(plain)).not.toMatch(/contract\.odcs\.yaml|digest|fingerprint|signatures|jwk/);
  expect(ownFacts({ ...facts, agreement: undefined }).agreement).toBeNull();
});

test("the fields are a list in the order of the contract, without the record itself", () => {
  expect(ownFacts(facts).contract.fields).toEqual([
    {
      path: "/name",
      leaf: true,
      classification: "confidential",
      categories: ["person"],
      action: { action: "share" },
      types: ["string"],
    },
    expect.objectContaining({ path: "/demands", leaf: false, action: null }),
    expect.objectContaining({ path: "/demands/*", leaf: false, action: null, types: null }),
    expect.objectContaining({ path: "/demands/*/demand", leaf: true, action: { action: "drop" } }),
  ]);
});
