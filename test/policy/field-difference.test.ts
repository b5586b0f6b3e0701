import { describe, expect, it } from "vitest";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { PlanNode, PolicyPlan } from "../../src/kernel/plan.ts";
import type { Screen } from "../../src/kernel/screen.ts";
import { planDifference, verdictOn, widens } from "../../src/policy/plan-difference.ts";
import { planOf } from "./reader.ts";
import { bundle, number, type Sketch, share, text } from "./sample.ts";
import { told } from "./told.ts";

const SCREEN: Screen = {
  by: "infosec/free-text",
  detectors: ["email"],
  words: [],
  except: [],
  outcome: "pseudonymize",
};
const round = (multiple: number): FieldAction => ({ action: "round", multiple, mode: "half-even" });
const drop: FieldAction = { action: "drop" };
const box = (members: Sketch["members"], rest: Sketch = {}): Sketch => ({
  types: ["object"],
  ...rest,
  ...(members && { members }),
});

describe("a field", () => {
  it.each<[string, Sketch | undefined, Sketch | undefined, readonly string[]]>([
    ["is as it was", text(share), text(share), []],
    ["is new", undefined, text(share), ["/v action widened widening: drop → share"]],
    ["is gone", text(share), undefined, ["/v action narrowed breaking: share → drop"]],
    [
      "is rounded",
      number(share),
      number(round(10)),
      ['/v action narrowed narrowing: share → round multiple=10 mode="half-even"'],
    ],
    [
      "is rounded less",
      number(round(100)),
      number(round(10)),
      [
        '/v action widened widening: round multiple=100 mode="half-even" → round multiple=10 mode="half-even"',
      ],
    ],
    [
      "is rounded otherwise",
      number(round(3)),
      number(round(10)),
      ['/v action changed neutral: round multiple=3 mode="half-even" → round multiple=10 mode="half-even"'],
    ],
    [
      "is a band now",
      number(share),
      number({ action: "band", edges: [0] }),
      ["/v action narrowed breaking: share → band edges=[0]"],
    ],
    [
      "is a pseudonym now",
      text(share),
      text({ action: "pseudonymize" }),
      ["/v action narrowed breaking: share → pseudonymize"],
    ],
    [
      "has a pseudonym with its length written out",
      text({ action: "pseudonymize" }),
      text({ action: "pseudonymize", length: 22 }),
      [],
    ],
    [
      "has a pseudonym of another domain",
      text({ action: "pseudonymize", domain: "a" }),
      text({ action: "pseudonymize", domain: "b" }),
      ['/v action changed breaking: pseudonymize domain="a" → pseudonymize domain="b"'],
    ],
    [
      "was masked, which takes no numbers",
      { action: { action: "mask", keepFirst: 0, keepLast: 0, with: "*" } },
      { action: { action: "pseudonymize" } },
      ['/v action changed breaking: mask keepFirst=0 keepLast=0 with="*" → pseudonymize'],
    ],
    [
      "may be longer",
      text(share, { check: { maxLength: 4 } }),
      text(share, { check: { maxLength: 5 } }),
      ["/v maxLength widened breaking: 4 → 5"],
    ],
    [
      "has values less",
      text(share, { check: { enum: ["a", "b"] } }),
      text(share, { check: { enum: ["b"] } }),
      ['/v enum narrowed narrowing: ["a","b"] → ["b"]'],
    ],
    [
      "may be null now",
      text(share),
      { types: ["string", "null"], action: share },
      ['/v types widened breaking: ["string"] → ["string","null"]'],
    ],
    [
      "is a whole number now",
      number(share),
      { types: ["integer"], action: share },
      ['/v types narrowed narrowing: ["number"] → ["integer"]'],
    ],
    ["is not checked where it is dropped", text(drop, { check: { maxLength: 4 } }), text(drop), []],
    [
      "left whole, its fields do",
      box(undefined, { action: share }),
      box({ a: text(share) }),
      ["/v action narrowed narrowing: share → its fields"],
    ],
    [
      "leaves whole",
      box({ a: text(share) }),
      box(undefined, { action: share }),
      ["/v action widened breaking: its fields → share"],
    ],
    [
      "is null whole",
      box({ a: text(share) }),
      box({ a: text(share) }, { action: { action: "null" } }),
      ["/v action narrowed breaking: its fields → null"],
    ],
    [
      "has a field more, and one less",
      box({ a: text(share) }),
      box({ b: text(share) }),
      ["/v/b action widened widening: drop → share", "/v/a action narrowed breaking: share → drop"],
    ],
    [
      "was a value of a map",
      box({ "*": text(share) }),
      box({ "*": text(share), a: text(drop) }),
      ["/v/a action narrowed breaking: share → drop"],
    ],
    [
      "asks for a member no more",
      box({ a: text(share) }, { check: { required: ["a"] } }),
      box({ a: text(share) }),
      ['/v required widened breaking: ["a"] → anything'],
    ],
    [
      "asks for a member that may be dropped now",
      box({ a: number(share) }, { check: { required: ["a"] } }),
      box({ a: number(round(0.5)) }, { check: { required: ["a"] } }),
      ['/v/a action narrowed breaking: share → round multiple=0.5 mode="half-even"'],
    ],
    [
      "is a shorter list with other elements",
      { types: ["array"], elements: text(share), check: { maxItems: 9 } },
      { types: ["array"], elements: number(share), check: { maxItems: 5 } },
      ['/v/* types changed breaking: ["string"] → ["number"]', "/v maxItems narrowed narrowing: 9 → 5"],
    ],
    [
      "asks for a member",
      box({ a: text(share) }),
      box({ a: text(share) }, { check: { required: ["a"] } }),
      ['/v required narrowed narrowing: anything → ["a"]'],
    ],
    [
      "has other elements",
      { types: ["array"], elements: text(share) },
      { types: ["array"], elements: number(share) },
      ['/v/* types changed breaking: ["string"] → ["number"]'],
    ],
  ])("%s", (_, old, next, lines) => {
    const of = (sketch: Sketch | undefined) => planOf({ w: text(share), ...(sketch && { v: sketch }) });
    expect(told(of(old), of(next))).toEqual(lines);
  });

  it("is looked into by other screens", () => {
    const plan = planOf({ v: text(share), w: text({ action: "null" }), x: text({ action: "pseudonymize" }) });
    const screened = (name: "v" | "w" | "x", screen = SCREEN): PolicyPlan => {
      const node = plan.root.members[name] as PlanNode;
      const members = { ...plan.root.members, [name]: { ...node, screens: [screen] } };
      return { ...plan, root: { ...plan.root, members } };
    };
    const row = "screens narrowed narrowing: nothing is looked for → email";
    expect(told(plan, screened("v"))).toEqual([`/v ${row}: pseudonymize`]);
    expect(told(plan, screened("w", { ...SCREEN, outcome: "deny" }))).toEqual([`/w ${row}: deny`]);
    // What would change nothing is missed by nobody.
    expect([...told(plan, screened("x")), ...told(screened("x"), plan)]).toEqual([]);
  });

  it("is told with the rules that say so, what widens first", () => {
    const fields = { a: text(share, { categories: ["person"] }), b: number(drop), c: number(share) };
    const uses = { use: "categories", when: {}, with: { person: "drop" } };
    const old = planOf(fields);
    const next = planOf({ ...fields, b: number(share), c: number(round(5)) }, { bundles: [bundle(uses)] });
    const changes = planDifference(old, next);
    expect(changes.map(({ place, before, after }) => [place, before.by, after.by])).toEqual([
      ["/b", "contract", "contract"],
      ["/a", "contract", "infosec/categories"],
      ["/c", "contract", "contract"],
    ]);
    expect([widens(changes), verdictOn(changes)]).toEqual([true, "breaking"]);
    expect([widens(planDifference(old, old)), verdictOn(planDifference(old, old))]).toEqual([
      false,
      "neutral",
    ]);
  });
});
