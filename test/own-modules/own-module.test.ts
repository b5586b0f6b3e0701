import { describe, expect, test } from "vitest";
import type { ReasonCode } from "../../src/kernel/reason.ts";
import type { PlanFacts } from "../../src/policy/module.ts";
import { agreement, contract, partner, share, text } from "../policy/sample.ts";
import { loaded } from "./sample.ts";

const facts = (parameters: Readonly<Record<string, string>> = {}, id = "one"): PlanFacts => ({
  contract: contract({ name: text(share) }),
  partner: partner(),
  agreement: agreement({ id, parameters }),
  purpose: "cx.dcm.base",
  others: [],
  received: undefined,
});
const denied = (code: ReasonCode) => ({ ok: false, fault: [{ code }] });

describe("a company's own module", () => {
  test("makes rules of settings and facts", () => {
    const module = loaded(
      "return { fields: facts.contract.fields.map(({ path }: any) => ({ path, action: { action: settings.action } })) };",
    );
    expect(module).toMatchObject({ name: "our-rule", version: "1.0.0", describe: "A rule of ours." });
    expect(module.compile({ action: "drop" }, facts())).toEqual({
      ok: true,
      value: { fields: [{ path: "/name", action: { action: "drop" } }] },
    });
  });

  test("is never asked about settings that its schema refuses", () => {
    const schema =
      "settingsSchema: { type: 'object', required: ['days'], properties: { days: { minimum: 1 } } },";
    const module = loaded("return {};", schema);
    expect(module.compile({ days: 1 }, facts())).toEqual({ ok: true, value: {} });
    expect(module.compile({ days: 0 }, facts())).toEqual(denied("POLICY_INVALID"));
    expect(module.compile({}, facts())).toEqual(denied("POLICY_INVALID"));
  });

  test.each<[string, string, ReasonCode]>([
    ["throws", "throw new Error('x')", "POLICY_FAILED"],
    ["returns a promise", "return Promise.resolve({})", "POLICY_FAILED"],
    ["returns nothing", "return", "POLICY_FAILED"],
    ["refuses the settings", "return null", "POLICY_INVALID"],
    ["returns what is no rule", "return { field: [] }", "POLICY_INVALID"],
    ["returns too much", "return { withoutHeaders: ['x'.repeat(2e6)] }", "POLICY_INVALID"],
    ["loops", "for (;;);", "POLICY_SLOW"],
  ])("that %s denies, and says nothing of why", (_, body, code) => {
    expect(loaded(body).compile({}, facts())).toEqual(denied(code));
  });

  test("that needs too much memory denies, by whichever end it comes to first", () => {
    const outcome = loaded("return 'x'.repeat(2 ** 29 - 30).split('')").compile({}, facts());
    expect([denied("POLICY_FAILED"), denied("POLICY_SLOW")]).toContainEqual(outcome);
  });

  test("that loops is not asked again about the same agreement, and is about another one", () => {
    // Whoever is not asked can't answer: the second agreement is answered, so the module was asked.
    const module = loaded("if (facts.agreement.parameters.loop !== undefined) for (;;); return {};");
    expect(module.compile({}, facts({ loop: "yes" }))).toEqual(denied("POLICY_SLOW"));
    expect(module.compile({}, facts())).toEqual(denied("POLICY_SLOW"));
    expect(module.compile({}, facts({}, "two"))).toEqual({ ok: true, value: {} });
  });
});
