import { expect, test } from "vitest";
import { planText } from "../../../src/cli/explain/plan-text.ts";
import { demanding, explain, filed } from "../../policy/explained.ts";
import { agreement, contract, type Sketch, share, text, uses } from "../../policy/sample.ts";
import { kept } from "../kept.ts";

const print = (explanation: ReturnType<typeof explain>): readonly string[] =>
  planText(explanation, kept().context.out).trimEnd().split("\n");

/** A text below so many objects in arrays. */
const deep = (levels: number): Sketch =>
  levels === 0
    ? text({ action: "pseudonymize", domain: "place" }, { categories: ["location", "third-party"] })
    : { types: ["array"], elements: { types: ["object"], members: { someLongishName: deep(levels - 1) } } };

test("every line fits a screen of 100 columns, and what is shortened keeps its ends", () => {
  const wide = contract({ start: deep(4) }, { event: { ...contract({}).event, id: { from: "event" } } });
  const rules = filed(
    uses("categories", { location: { action: "pseudonymize", domain: "place", length: 10 } }),
    uses("categories", { "third-party": { action: "pseudonymize", length: 12 } }),
  );
  const lines = print(explain(wide, { bundles: [rules] }));
  expect(lines.filter(({ length }) => length > 100)).toEqual([]);
  const leaf = lines.find((line) => line.includes("pseudonym"));
  expect(leaf).toMatch(/^\/start\S*…\S*\/someLongishName +changed +pseudonym +infosec\/categories +:11$/);
});

test("where several rules and lines stand behind an outcome, the first is named and the others are counted", () => {
  const both = contract({
    n: { types: ["number"], action: { action: "round", multiple: 4, mode: "floor" }, categories: ["volume"] },
  });
  const rules = filed(uses("categories", { volume: { action: "round", multiple: 6, mode: "floor" } }));
  const lines = print(explain(both, { bundles: [rules] }));
  expect(lines[1]).toMatch(/^\/n +changed +round 12 +contract \+1 +:1 \+1$/);
  const files = lines.slice(lines.indexOf("Where the rules stand"));
  expect(files.find((line) => line.startsWith("contract"))).toMatch(/^contract {12}contract\.odcs\.yaml/);
  expect(files).toContain("infosec/categories  policies/infosec.yaml");
});

test("screens are told once, with the first fields that they look at", () => {
  const screen = { detectors: ["email", "iban"], words: [], except: [], outcome: "drop" } as const;
  const paths = ["/a", "/list/*/n", "/secret", "/gone"].map((path) => ({ ...screen, path }));
  const lines = print(demanding({ screens: paths, envelopeScreens: [screen] }));
  expect(lines.find((line) => line.startsWith("/a"))).toMatch(/as it is, screened/);
  const heading = lines.indexOf("Looked for");
  expect(lines[heading + 1]).toMatch(
    /^infosec\/odd +in \/a, \/list\/\*\/n, headers\/traceparent and 1 more: looks for email, iban: a/,
  );
});

test("why nothing leaves at all stands first", () => {
  const [first, second] = print(
    explain(contract({ a: text(share) }), { agreement: agreement({ status: "revoked" }) }),
  );
  expect(first).toBe(
    "Nothing leaves: No approved agreement signed by both companies is in force. (AGREEMENT_NOT_ACTIVE) See `tiermesh get agreements`, and approve what waits if it is right.",
  );
  expect(second).toBe("");
});
