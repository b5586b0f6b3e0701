import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { MODULE_FILE } from "../../../dev/kernel/compile.ts";
import type { PlanCondition, PlanNode, PolicyPlan } from "../../../src/kernel/plan.ts";
import { readJson, writeJson } from "../../../src/kernel/strict-json.ts";
import { isMet } from "../../../src/policy/conditions.ts";
import type { Fault } from "../../../src/policy/kernel/faults.ts";
import { Kernel, type KernelVerdict, type LoadedPlan } from "../../../src/policy/kernel/kernel.ts";
import type { ValueContext } from "../../../src/policy/leaf.ts";
import { compilePlan } from "../../../src/policy/plan.ts";
import { type AppliedField, project } from "../../../src/policy/redact.ts";
import { contract, HELIX, input, keys, NOW } from "../sample.ts";

export const MODULE = new WebAssembly.Module(readFileSync(MODULE_FILE));

/** One for a test file, as a gateway has one for all its plans: outcomes that it remembers are those of other plans. */
export const kernel = new Kernel(MODULE);

/** A plan of this root, with a recipient for what is encrypted. */
export function planOf(root: PlanNode, changed: Partial<PolicyPlan> = {}): PolicyPlan {
  const plan = compilePlan(input(contract({})));
  return { ...plan, recipient: { kid: "k1", x: "" }, conditions: [], root, ...changed };
}

/** A node that demands nothing of its value; what is left out is as in a contract's field without children. */
export const rule = (path: string, changed: Partial<PlanNode> = {}): PlanNode => {
  const action = changed.action;
  return {
    path,
    action,
    by: "contract",
    own: action?.action,
    check: {},
    screens: [],
    members: {},
    elements: undefined,
    ...changed,
  };
};

type Expected =
  | { readonly effect: "permit"; readonly text: string; readonly fields: readonly AppliedField[] }
  | { readonly effect: "unmet"; readonly conditions: readonly PlanCondition[] }
  | { readonly effect: "deny" };

const SEALING: NonNullable<ValueContext["sealing"]> = {
  recipient: { kid: "k1", x: "" },
  agreement: "8f5d1c2a",
  contract: "sha-256:c0",
  now: NOW,
  partition: 0,
  sequence: 7,
  eventId: () => "made-id",
};

/** What the reference implementation says of a value. */
export function reference(plan: PolicyPlan, bytes: Uint8Array, sealing?: ValueContext["sealing"]): Expected {
  const read = readJson(bytes, plan.limits);
  if (!read.ok) return { effect: "deny" };
  const conditions = plan.conditions.filter((condition) => !isMet(condition, read.value));
  const { data, reasons, fields } = project(read.value, plan.root, { partner: HELIX, keys, sealing });
  if (data === undefined || reasons.length > 0) return { effect: "deny" };
  return conditions.length > 0
    ? { effect: "unmet", conditions }
    : { effect: "permit", text: writeJson(data), fields };
}

/** Where the kernel may leave to the reference implementation what that permits. */
const GIVEN_AWAY: readonly Fault[] = [
  "escaped name",
  "a rule that is not the kernel's",
  "an escape where a condition looks",
];

/** Bytes of the next record that could be taken for a part of the value. */
export const NEIGHBOURS = [
  "\n",
  '"',
  "}",
  ",",
  "]",
  "0",
  "e5",
  ":",
  " ",
  "\0",
  "{}",
  ' ,"x":1}',
  "\u00e9",
] as const;

/** Holds the kernel against the reference implementation for one value: alone, and with a neighbour behind it. */
export function expectSame(
  plan: PolicyPlan,
  value: string | Uint8Array,
  { loaded = kernel.load(plan, keys), neighbour = "\n" }: { loaded?: LoadedPlan; neighbour?: string } = {},
): KernelVerdict {
  const bytes = Buffer.from(value);
  const verdict = loaded.project(bytes, SEALING);
  expectVerdict(verdict, reference(plan, bytes, SEALING), bytes);
  if (loaded.takesRuns) expectVerdict(inRun(loaded, bytes, neighbour), reference(plan, bytes), bytes);
  return verdict;
}

function expectVerdict(verdict: KernelVerdict, expected: Expected, bytes: Buffer): void {
  const text = bytes.toString("latin1");
  if (verdict.effect === "permit") {
    const { effect, fields } = verdict;
    expect({ effect, text: Buffer.from(verdict.bytes).toString(), fields }, text).toEqual(expected);
  } else if (verdict.effect === "unmet") expect(verdict, text).toEqual(expected);
  else if (expected.effect !== "deny") expect(GIVEN_AWAY, text).toContain(verdict.fault);
}

/** The same value twice in a run, the neighbour's bytes in front, between and behind. */
function inRun(loaded: LoadedPlan, value: Buffer, neighbour: string): KernelVerdict {
  const beside = Buffer.from(neighbour);
  const bytes = Buffer.concat([beside, value, beside, value, beside]);
  const second = 2 * beside.length + value.length;
  const run = loaded.run(bytes, Int32Array.of(beside.length, value.length, second, value.length));
  if (run === undefined) throw new Error("The test's value is too long.");
  expect(run.next()).toEqual({ from: 0, to: 2 });
  expect(run.next()).toBeUndefined();
  const conditions = run.unmet(1);
  if (conditions !== undefined) return { effect: "unmet", conditions };
  if (run.outcome(1) < 0) return { effect: "other", fault: run.fault(1) };
  expect(run.bytes(0)).toEqual(run.bytes(1));
  const fields = run.sums().fields.map((field) => ({ ...field, count: field.count / 2 }));
  expect(new Map(run.sums().rules)).toEqual(new Map(fields.map(({ by }) => [by, 2])));
  return { effect: "permit", bytes: Buffer.from(run.bytes(1)), fields };
}
