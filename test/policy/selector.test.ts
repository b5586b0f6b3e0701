import { describe, expect, it } from "vitest";
import { selects } from "../../src/policy/selector.ts";
import { agreement, contract, HELIX, partner } from "./sample.ts";

const facts = {
  contract: contract({}),
  partner: partner(),
  agreement: agreement(),
  purpose: "cx.dcm.base",
  others: [],
  received: undefined,
};

describe("a module's `when`", () => {
  it.each([
    [{}, true],
    [{ partners: ["helix"] }, true],
    [{ partners: ["other", HELIX] }, true],
    [{ partners: ["other"] }, false],
    [{ groups: ["tier-2", "tier-1"] }, true],
    [{ groups: ["tier-2"] }, false],
    [{ countries: ["DE"], contracts: ["material-demand"], purposes: ["cx.dcm.base"] }, true],
    [{ countries: ["FR"], contracts: ["material-demand"], purposes: ["cx.dcm.base"] }, false],
    [{ countries: ["DE"], contracts: ["other"] }, false],
    [{ purposes: ["cx.puris.base"] }, false],
    [{ partners: [] }, false],
  ])("%j selects: %s", (when, selected) => {
    expect(selects(when, facts)).toBe(selected);
  });

  it("that names countries does not select a partner without one", () => {
    expect(selects({ countries: ["DE"] }, { ...facts, partner: partner({ country: undefined }) })).toBe(
      false,
    );
  });
});
