import { expect, it } from "vitest";
import { REASONS } from "../../src/kernel/reason.ts";
import { explainReason } from "../../src/policy/explain-reason.ts";
import { placeText } from "../../src/policy/explain-sources.ts";
import { bundle, contract, share, text, uses } from "./sample.ts";

const at = (file: string, line: number) => ({ file, line, column: 1 });
const GROUND = {
  contract: contract({ a: text(share) }),
  bundles: [bundle({ ...uses("categories", {}), declared: at("policies/infosec.yaml", 11) })],
  places: {
    contract: (property: string) => at(`contract.odcs.yaml#${property}`, 9),
    clearance: at("partners/helix.yaml", 7),
    agreement: () => at("agreement.yaml", 20),
  },
};

it.each([
  [
    { code: "SCOPE_MISMATCH", module: "scope", pointer: "/a" },
    "contract.odcs.yaml#mesh.scope:9 contract.odcs.yaml:1",
  ],
  [{ code: "SCREENED", module: "infosec/categories", pointer: "/nowhere" }, "policies/infosec.yaml:11"],
  [{ code: "SCHEMA_MISMATCH", module: "clearance", pointer: "" }, "partners/helix.yaml:7"],
  [{ code: "POLICY_INVALID", module: "agreement" }, "agreement.yaml:20"],
  [{ code: "RECORD_TOO_LARGE" }, "contract.odcs.yaml#mesh.limits:9"],
  [{ code: "RECORD_TOO_LARGE", module: "infosec/categories" }, "policies/infosec.yaml:11"],
  [{ code: "JSON_SYNTAX" }, ""],
  [{ code: "POLICY_FAILED", module: "gone/odd" }, ""],
] as const)("the reason %j is told with the places of its rule and its field", (reason, places) => {
  const explained = explainReason(reason, GROUND);
  expect(explained.where.map(placeText).join(" ")).toBe(places);
  expect(explained).toMatchObject({ ...reason, sentence: REASONS[reason.code] });
  expect(explained.mend).toMatch(/\.$/);
});

it("has no field where the contract is not at hand", () => {
  const reason = { code: "SCHEMA_MISMATCH", pointer: "/a" } as const;
  expect(explainReason(reason, { ...GROUND, contract: undefined }).where).toEqual([]);
});
