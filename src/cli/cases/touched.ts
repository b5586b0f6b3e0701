import type { FieldAction } from "../../kernel/action.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { PlanNode, PolicyPlan } from "../../kernel/plan.ts";
import type { ReasonCode } from "../../kernel/reason.ts";
import type { AppliedField } from "../../policy/evaluate.ts";
import type { Comparison, RuleSource } from "../../policy/explain-sources.ts";
import { nodeAt } from "../../policy/node-at.ts";
import type { CaseRun } from "./run-case.ts";

/** What rules can bound, and the code by which a case shows that it is. */
interface Bound {
  readonly name: string;
  readonly code: ReasonCode;
  value(plan: PolicyPlan): unknown;
}

const BOUNDS: readonly Bound[] = [
  { name: "recordBytesMax", code: "RECORD_TOO_LARGE", value: ({ limits }) => limits.bytesMax },
  { name: "depthMax", code: "JSON_TOO_DEEP", value: ({ limits }) => limits.depthMax },
  { name: "arrayLengthMax", code: "ARRAY_TOO_LONG", value: ({ limits }) => limits.arrayLengthMax },
  { name: "least age", code: "TOO_FRESH", value: ({ age }) => age.leastMs },
  { name: "most age", code: "TOO_OLD", value: ({ age }) => age.mostMs },
  { name: "tombstones", code: "TOMBSTONE_DENIED", value: ({ tombstones }) => tombstones },
  { name: "start", code: "AGREEMENT_NOT_STARTED", value: ({ validity }) => validity.from },
  { name: "end", code: "AGREEMENT_EXPIRED", value: ({ validity }) => validity.until },
];

/** The limits that a contract sets itself, and the code of each. */
export function ownLimits({ alone }: RuleSource): readonly Pick<Bound, "name" | "code">[] {
  const { bytesMax, depthMax, arrayLengthMax } = LIMITS.record;
  const usual: Readonly<Record<string, number>> = { recordBytesMax: bytesMax, depthMax, arrayLengthMax };
  return BOUNDS.filter(({ name, value }) => Object.hasOwn(usual, name) && value(alone) !== usual[name]);
}

/** Does the source say anything in this case that a case can show? Rates and labels show in no record. */
export const saysSomething = ({ alone }: RuleSource, { open }: Comparison): boolean =>
  textOf(alone) !== textOf(open);

const textOf = (plan: PolicyPlan): string =>
  JSON.stringify({ ...plan, digest: "", bundles: [], quota: {}, onwardSharing: "forbidden" });

/** Does the outcome of a case name the source, or is it just what the source demands? */
export function isTouched(source: RuleSource, run: CaseRun, comparison: Comparison): boolean {
  const { admission } = run;
  if (admission.effect === "permit")
    return admission.fields.some((field) => actsOn(field, source)) || actsAround(source, run, comparison);
  const codes = admission.reasons.map(({ code }) => code);
  const { open, plan } = comparison;
  const isBound = BOUNDS.some(
    ({ code, value }) =>
      codes.includes(code) && isOwn(value, source.alone, open) && same(value, source.alone, plan),
  );
  return isBound || admission.reasons.some(({ module }) => names(module ?? "", source.by));
}

const names = (rules: string, by: string): boolean => rules.split(", ").includes(by);

const same = (value: Bound["value"], one: PolicyPlan, other: PolicyPlan): boolean =>
  value(one) === value(other);
const isOwn = (value: Bound["value"], alone: PolicyPlan, open: PolicyPlan): boolean =>
  !same(value, alone, open);

/** Where several rules demand the same, the plan names the nearest to the contract; the others have acted too. */
function actsOn({ pointer, action, by }: AppliedField, { by: own, alone }: RuleSource): boolean {
  const node = nodeAt(alone.root, pointer);
  const demand = actionOf(node)?.action;
  if (demand === undefined) return names(by, own) && node.screens.length > 0;
  return demand === action || names(by, own);
}

const actionOf = ({ action }: PlanNode): FieldAction | undefined =>
  action === undefined || action.action === "share" ? undefined : action;

/** Key, headers and timestamp are changed without being listed. */
function actsAround({ alone }: RuleSource, { record }: CaseRun, { open }: Comparison): boolean {
  const onKey = alone.key.rule !== open.key.rule && record.key !== null;
  const onTime = JSON.stringify(alone.timestamp) !== JSON.stringify(open.timestamp);
  const removed = open.headers.filter((name) => !alone.headers.includes(name));
  return onKey || onTime || record.headers.some(([name]) => removed.includes(name));
}
