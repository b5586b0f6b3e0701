import { describe, expect, it } from "vitest";
import type { Contract } from "../../src/kernel/contract.ts";
import { placeText } from "../../src/policy/explain-sources.ts";
import type { PlanInput } from "../../src/policy/plan.ts";
import { explain, filed, subject } from "./explained.ts";
import { agreement, contract, number, text, uses } from "./sample.ts";

const fieldAt = (path: string, of: Contract, changed: Partial<PlanInput> = {}) => {
  const found = explain(of, changed).fields.find((row) => row.path === path);
  if (found === undefined) throw new Error(`There is no row ${path}.`);
  return found;
};

describe("the story of a field", () => {
  const storyOf = (path: string, of: Contract, changed: Partial<PlanInput> = {}) =>
    fieldAt(path, of, changed).rules.map(
      ({ by, decides, change, afterwards }) => `${by}${decides ? "!" : ""} ${change} ${afterwards}`,
    );
  const mail = contract({
    mail: text({ action: "drop" }, { class: "restricted", categories: ["person", "contact"] }),
    n: number({ action: "round", multiple: 100, mode: "floor" }, { categories: ["volume"] }),
  });
  const persons = filed(
    uses("categories", { person: "drop", price: "drop" }),
    uses("categories", { volume: { action: "round", multiple: 1000, mode: "floor" } }),
  );

  it("names every rule behind it, how to take it back, and which one remains then", () => {
    expect(storyOf("/mail", mail, { bundles: [persons] })).toEqual([
      "contract! Change mesh.action of /mail in contract.odcs.yaml:1. That alone changes nothing: it stays, by clearance.",
      "clearance Raise the partner's clearance to restricted in partners/helix.yaml:7, or classify /mail lower in contract.odcs.yaml:1. That alone changes nothing: it stays, by contract.",
      "infosec/categories Change infosec/categories in policies/infosec.yaml:11: person → drop. That alone changes nothing: it stays, by contract.",
    ]);
  });

  it("says what comes of it without the only rule", () => {
    expect(storyOf("/secret", subject)).toEqual([
      "clearance! Raise the partner's clearance to restricted in partners/helix.yaml:7, or classify /secret lower in contract.odcs.yaml:1. Then it leaves as it is.",
    ]);
  });

  it("points at that one of a bundle's modules of one name that decides", () => {
    const story = fieldAt("/n", mail, { bundles: [persons] });
    expect([story.by, story.detail, story.where.map(placeText)]).toEqual([
      "infosec/categories",
      "rounded to multiples of 1000 (floor)",
      ["policies/infosec.yaml:12"],
    ]);
    expect(storyOf("/n", mail, { bundles: [persons] })[0]).toBe(
      'infosec/categories! Change infosec/categories in policies/infosec.yaml:12: volume → {"action":"round","multiple":1000,"mode":"floor"}. Then it leaves as rounded to multiples of 100 (floor), by contract.',
    );
  });

  it("points at the entry of the agreement, also where that names what is above the field", () => {
    const narrow = new Map([["/list", { action: "drop" } as const]]);
    expect(storyOf("/list/*/n", subject, { agreement: agreement({ narrow }) })).toEqual([
      "agreement! Take /list out of mesh.narrow in agreement.yaml#/list:20; both companies sign the agreement anew. Then it leaves as rounded to multiples of 100 (floor), by contract.",
      "contract Change mesh.action of /list/*/n in contract.odcs.yaml:1. That alone changes nothing: it stays, by agreement.",
    ]);
  });

  it("points at the container whose action the contract applies to all below", () => {
    expect(storyOf("/box/inner", subject)).toEqual([
      "contract! Change mesh.action of /box in contract.odcs.yaml:1. Then it leaves as it is.",
    ]);
  });

  it("says so where no rule decides but the field's type", () => {
    const odd = contract({
      t: { action: { action: "round", multiple: 5, mode: "floor" }, types: ["string"] },
    });
    expect(fieldAt("/t", odd)).toMatchObject({
      effect: "stays",
      by: "type",
      remark: expect.stringContaining("give the field a type"),
    });
  });

  it("tells epoch and domain of pseudonyms, so that a rotation shows", () => {
    const named = contract({
      own: text({ action: "pseudonymize" }),
      joined: text({ action: "pseudonymize", domain: "parts" }),
    });
    for (const pseudonymEpoch of [1, 3]) {
      const { fields, terms } = explain(named, { pseudonymEpoch });
      expect(fields.slice(0, 2).map(({ pseudonym }) => pseudonym)).toEqual([
        { epoch: pseudonymEpoch, domain: "/own" },
        { epoch: pseudonymEpoch, domain: "parts" },
      ]);
      expect(terms).toContainEqual(
        expect.objectContaining({
          name: "pseudonyms",
          detail: expect.stringContaining(`of epoch ${pseudonymEpoch};`),
        }),
      );
    }
  });
});
