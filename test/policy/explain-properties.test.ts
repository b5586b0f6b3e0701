import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "../../src/kernel/canonical-json.ts";
import { explainPlan } from "../../src/policy/explain.ts";
import { fieldsFrom, leavesOf } from "../../src/policy/field-tree.ts";
import { nodeAt } from "../../src/policy/node-at.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { anyAction, anyFields, anyUse } from "./arbitrary.ts";
import { PLACES } from "./explained.ts";
import { agreement, bundle, contract, input } from "./sample.ts";

const anyInput = anyFields.chain((fields) => {
  const paths = [...fieldsFrom(contract(fields).root)].map(({ path }) => path).filter((path) => path !== "");
  const narrow = fc.tuple(fc.constantFrom(...paths, "/*"), anyAction);
  return fc
    .tuple(fc.array(anyUse, { maxLength: 3 }), fc.array(narrow, { maxLength: 2 }))
    .map(([uses, entries]) =>
      input(contract(fields), {
        bundles: [bundle(...uses)],
        agreement: agreement({ narrow: new Map(entries) }),
      }),
    );
});

it("an explanation is of the very plan that is run, whatever the rules are", () => {
  fc.assert(
    fc.property(anyInput, (each) => {
      const plan = compilePlan(each);
      const explained = explainPlan(each, PLACES);
      expect(explained.plan.digest).toBe(plan.digest);
      for (const { path, action, by } of explained.fields.filter((field) => field.path.startsWith("/"))) {
        const node = nodeAt(plan.root, path);
        expect([action, by]).toEqual([node.action?.action ?? "share", node.by]);
      }
    }),
    { numRuns: 60 },
  );
});

it("whatever does not leave as it is has a rule that can be taken back, or a word on why not", () => {
  fc.assert(
    fc.property(anyInput, (each) => {
      for (const { path, effect, rules, remark } of explainPlan(each, PLACES).fields) {
        if (effect === "leaves" || !path.startsWith("/")) continue;
        expect(rules.length + (remark === undefined ? 0 : 1), path).toBeGreaterThan(0);
        for (const { change, afterwards } of rules)
          expect(`${change} ${afterwards}`).not.toContain("undefined");
      }
    }),
    { numRuns: 60 },
  );
});

it("a rule that is said to be the only one of a leaf is: without it the leaf leaves", () => {
  fc.assert(
    fc.property(anyInput, (each) => {
      const leaves = new Set(leavesOf(each.contract.root).map(({ path }) => path));
      for (const { path, rules } of explainPlan(each, PLACES).fields.filter((row) => leaves.has(row.path))) {
        const [only, ...others] = rules;
        if (only === undefined || others.length > 0 || only.by !== "agreement") continue;
        const without = compilePlan({ ...each, agreement: agreement({ narrow: new Map() }) });
        const { action } = nodeAt(without.root, path);
        expect(canonicalJson({ ...(action ?? { action: "share" }) })).toBe('{"action":"share"}');
      }
    }),
    { numRuns: 60 },
  );
});
