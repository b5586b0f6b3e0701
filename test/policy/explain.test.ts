import { describe, expect, it } from "vitest";
import { placeText } from "../../src/policy/explain-sources.ts";
import { at, demanding, explain, filed, subject } from "./explained.ts";
import { AURORA, agreement, bundle, uses } from "./sample.ts";

describe("an explained plan", () => {
  const { fields } = explain(subject);

  it("says of every field what becomes of it, how, by which rule and where that stands", () => {
    expect(
      fields
        .filter(({ path }) => path.startsWith("/"))
        .map(({ path, effect, detail, by, where }) => [path, effect, detail, by, ...where.map(placeText)]),
    ).toEqual([
      ["/a", "leaves", "as it is", "contract", "contract.odcs.yaml:1"],
      ["/gone", "stays", "not there", "contract", "contract.odcs.yaml:1"],
      ["/secret", "stays", "not there", "clearance", "partners/helix.yaml:7"],
      ["/box", "changed", "always null", "contract", "contract.odcs.yaml:1"],
      // It goes with the container that the contract replaces.
      ["/box/inner", "stays", "not there", "contract", "contract.odcs.yaml:1"],
      ["/list", "leaves", "as it is", "contract", "contract.odcs.yaml:1"],
      ["/list/*", "leaves", "as it is", "contract", "contract.odcs.yaml:1"],
      ["/list/*/n", "changed", "rounded to multiples of 100 (floor)", "contract", "contract.odcs.yaml:1"],
      ["/hidden", "stays", "not there", "contract", "contract.odcs.yaml:1"],
      ["/hidden/*", "stays", "not there", "contract", "contract.odcs.yaml:1"],
      ["/hidden/*/x", "stays", "not there", "contract", "contract.odcs.yaml:1"],
    ]);
    expect(fields[0]).toMatchObject({
      action: "share",
      classification: "internal",
      categories: ["identifier"],
      declared: { line: 1 },
      rules: [],
    });
  });

  it("says it of key, timestamp, headers and attributes", () => {
    expect(
      fields
        .filter(({ path }) => !path.startsWith("/"))
        .map(({ path, effect, detail }) => [path, effect, detail]),
    ).toEqual([
      ["key", "leaves", "the value at /a as it leaves"],
      ["timestamp", "changed", "the start of its hour"],
      ["headers/traceparent", "leaves", "as it is"],
      ["attributes/type", "changed", 'always "com.example.demand.v1"'],
      ["attributes/source", "changed", `always "${AURORA}:dcm"`],
      ["attributes/id", "leaves", "made by the gateway; it says nothing of the record's place"],
      ["attributes/subject", "leaves", "the header traceparent"],
      ["attributes/time", "leaves", "the record's timestamp as it leaves"],
    ]);
  });

  it("says where a bundle has narrowed what stands around the data, and how to take it back", () => {
    const narrowed = demanding({ key: "drop", withoutHeaders: ["traceparent"], timestamp: "day" });
    const rows = narrowed.fields.filter(({ by }) => by === "infosec/odd");
    expect(rows.map(({ path, detail, where }) => [path, detail, ...where.map(placeText)])).toEqual([
      ["key", "not there", "policies/infosec.yaml:11"],
      ["timestamp", "the start of its day", "policies/infosec.yaml:11"],
      ["headers/traceparent", "not there", "policies/infosec.yaml:11"],
      ["attributes/subject", "not there", "policies/infosec.yaml:11"],
    ]);
    expect(rows[1]?.rules.map(({ change, afterwards }) => `${change} ${afterwards}`)).toEqual([
      "Change mesh.timestamp in contract.odcs.yaml#mesh.timestamp:9. That alone changes nothing.",
      "Change infosec/odd in policies/infosec.yaml:11. Then it is: the start of its hour.",
    ]);
  });

  it("says why nothing leaves at all", () => {
    const revoked = explain(subject, { agreement: agreement({ status: "revoked" }) });
    expect(revoked.denials).toMatchObject([
      {
        code: "AGREEMENT_NOT_ACTIVE",
        sentence: "No approved agreement signed by both companies is in force.",
        mend: "See `tiermesh get agreements`, and approve what waits if it is right.",
      },
    ]);
    expect(explain(subject).denials).toEqual([]);
  });

  it("is of the plan that is run, wherever the rules stand in their files", () => {
    const use = uses("categories", { identifier: "drop" });
    const plans = [bundle(use), filed(use)].map((each) => explain(subject, { bundles: [each] }).plan.digest);
    expect(new Set(plans).size).toBe(1);
  });
});

describe("screens", () => {
  it("are told for the fields and for what stands around the data, without their words", () => {
    const screen = { detectors: ["email"], words: ["CANARY"], except: [], outcome: "deny" } as const;
    const { fields } = demanding({ screens: [{ ...screen, path: "/a" }], envelopeScreens: [screen] });
    const screened = fields.filter(({ screens }) => screens.length > 0);
    expect(screened.map(({ path }) => path)).toEqual(["/a", "headers/traceparent", "attributes/subject"]);
    expect(screened[0]?.screens).toEqual([
      {
        by: "infosec/odd",
        where: [at("policies/infosec.yaml", 11)],
        detail: "looks for email, a word of its own: a record with one stays whole",
        outcome: "deny",
      },
    ]);
  });
});
