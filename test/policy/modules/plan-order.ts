import { expect } from "vitest";
import { type ActionName, STRICTNESS } from "../../../src/kernel/action.ts";
import { canonicalJson } from "../../../src/kernel/canonical-json.ts";
import type { PlanNode, PolicyPlan } from "../../../src/kernel/plan.ts";
import type { Screen } from "../../../src/kernel/screen.ts";

interface Ruled {
  /** From 0, `share`. What lies in a container that is replaced is not there. */
  readonly rank: number;
  readonly screens: readonly Screen[];
}

const rankOf = (name: ActionName): number => STRICTNESS.findIndex((names) => names.includes(name));
const GONE = rankOf("drop");

/** What becomes of each path of a plan. */
function ruledPaths(node: PlanNode, isGone = false): readonly (readonly [path: string, ruled: Ruled])[] {
  const action = node.action?.action ?? "share";
  const rank = isGone ? GONE : rankOf(action);
  const children = [...Object.values(node.members), ...(node.elements === undefined ? [] : [node.elements])];
  return [
    [node.path, { rank, screens: node.screens }],
    ...children.flatMap((child) => ruledPaths(child, isGone || action !== "share")),
  ];
}

const textsOf = (screens: readonly Screen[]): readonly string[] =>
  screens.map((screen) => canonicalJson({ ...screen }));
const KEYS = ["share", "pointer", "pseudonymize", "drop"];
const atMost = (bound: number | undefined): number => bound ?? Number.POSITIVE_INFINITY;

/** Fails unless the one plan lets through no more than the other, in every member that a module can touch. */
export function expectNoWider(narrow: PolicyPlan, wide: PolicyPlan): void {
  const before = new Map(ruledPaths(wide.root));
  for (const [path, { rank, screens }] of ruledPaths(narrow.root)) {
    const was = before.get(path);
    expect([path, rank >= (was?.rank ?? GONE)]).toEqual([path, true]);
    // What could change nothing may be left out: only a denial does where nothing of the value leaves.
    const canChange = ({ outcome }: Screen): boolean =>
      outcome === "deny" || (rank < rankOf("constant") && rankOf(outcome) > rank);
    const looked = (was?.screens ?? []).filter(canChange);
    expect(textsOf(screens)).toEqual(expect.arrayContaining([...textsOf(looked)]));
  }
  expect(narrow.denials).toEqual(expect.arrayContaining([...wide.denials]));
  expect(narrow.conditions).toEqual(expect.arrayContaining([...wide.conditions]));
  expect(textsOf(narrow.screens)).toEqual(expect.arrayContaining([...textsOf(wide.screens)]));
  expect(narrow.validity.from).toBeGreaterThanOrEqual(wide.validity.from);
  expect(narrow.validity.until).toBeLessThanOrEqual(wide.validity.until);
  expect(narrow.age.leastMs).toBeGreaterThanOrEqual(wide.age.leastMs);
  expect(atMost(narrow.age.mostMs)).toBeLessThanOrEqual(atMost(wide.age.mostMs));
  for (const name of ["bytesMax", "depthMax", "arrayLengthMax"] as const)
    expect(narrow.limits[name]).toBeLessThanOrEqual(wide.limits[name]);
  for (const name of ["recordsPerSecond", "bytesPerSecond", "alarmRecordsPerHour"] as const)
    expect(atMost(narrow.quota[name])).toBeLessThanOrEqual(atMost(wide.quota[name]));
  expect(wide.headers).toEqual(expect.arrayContaining([...narrow.headers]));
  expect(KEYS.indexOf(narrow.key.rule)).toBeGreaterThanOrEqual(KEYS.indexOf(wide.key.rule));
  if (wide.timestamp.action !== "share") expect(narrow.timestamp.action).not.toBe("share");
  if (wide.tombstones === "deny") expect(narrow.tombstones).toBe("deny");
  if (wide.onwardSharing === "forbidden") expect(narrow.onwardSharing).toBe("forbidden");
}
