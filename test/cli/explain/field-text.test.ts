import { expect, test } from "vitest";
import { fieldText } from "../../../src/cli/explain/field-text.ts";
import type { Explanation } from "../../../src/policy/explain.ts";
import { demanding, explain } from "../../policy/explained.ts";
import { contract, text } from "../../policy/sample.ts";
import { kept } from "../kept.ts";

function story(path: string, { fields }: Explanation): readonly string[] {
  const field = fields.find((each) => each.path === path);
  if (field === undefined) throw new Error(`There is no row ${path}.`);
  return fieldText(field, kept().context.out).trimEnd().split("\n");
}

test("a pseudonym's story has its epoch and domain", () => {
  const subject = contract({ part: text({ action: "pseudonymize" }) });
  expect(story("/part", explain(subject, { pseudonymEpoch: 3 }))).toContain(
    "Its pseudonyms are of epoch 3, domain /part: they join inside that domain, for this partner alone, until the epoch is raised.",
  );
});

test("what no rule wants but the field's type is said as such", () => {
  const subject = contract({
    t: { action: { action: "round", multiple: 5, mode: "floor" }, types: ["string"], class: "public" },
  });
  const lines = story("/t", explain(subject));
  expect(lines.slice(0, 3)).toEqual([
    "/t",
    "It stays: not there (type, contract.odcs.yaml:1).",
    "It is classified public, contract.odcs.yaml:1.",
  ]);
  expect(lines[3]).toContain("give the field a type");
});

test("a screen is told with its place, and a part without a class has none", () => {
  const screen = { detectors: ["token"], words: [], except: [], outcome: "deny" } as const;
  expect(story("headers/traceparent", demanding({ envelopeScreens: [screen] }))).toEqual([
    "headers/traceparent",
    "It leaves: as it is (contract, contract.odcs.yaml#mesh.headers:9).",
    "infosec/odd, policies/infosec.yaml:11: looks for token: a record with one stays whole.",
    "",
    "No rule takes anything away here.",
  ]);
});
