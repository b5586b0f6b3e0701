import { Buffer } from "node:buffer";
import type { PlanCondition, PlanNode, PolicyPlan } from "../kernel/plan.ts";
import type { KafkaRecord } from "../kernel/record.ts";
import type { LoadedPlan } from "../policy/kernel/kernel.ts";
import { type Admission, admitRecord, type StreamPlace } from "./admit.ts";
import { sizeOfRecord } from "./cloudevents/kafka-binding.ts";
import type { Route } from "./route.ts";
import { pointersInto, standIn } from "./stand-in.ts";

/** A plan whose values are the kernel's, and what stands around them is not. */
export interface ValuePlan {
  readonly loaded: LoadedPlan;
  readonly pointers: readonly string[];
  /** The plan for what stands around a value that the kernel has decided. */
  readonly around: PolicyPlan;
}

export const valuePlan = (plan: PolicyPlan, loaded: LoadedPlan): ValuePlan => ({
  loaded,
  pointers: pointersInto(plan),
  around: { ...plan, conditions: [], limits: UNLIMITED, root: ANYTHING },
});

/** The record itself was within the plan's limits. */
const UNLIMITED: PolicyPlan["limits"] = {
  bytesMax: Number.MAX_SAFE_INTEGER,
  depthMax: Number.MAX_SAFE_INTEGER,
  arrayLengthMax: Number.MAX_SAFE_INTEGER,
};

/** Lets a value through as it is: the kernel has ruled it. */
const ANYTHING: PlanNode = {
  path: "",
  action: { action: "share" },
  by: "contract",
  own: "share",
  check: { types: ["null", "boolean", "number", "string", "array", "object"] },
  screens: [],
  members: {},
  elements: undefined,
};

/** Decides the records of a stream one by one: the kernel their values, `admitRecord` what stands around them, on a small value in their place. */
export function admitEachBy(plan: ValuePlan, route: Route) {
  const around = { ...route, plan: plan.around };
  return (record: KafkaRecord, place: StreamPlace, now: number): Admission =>
    admit(record, { route, around, plan }, place, now);
}

/** A stream: as it is, and for what stands around a value that the kernel has decided. */
interface Stream {
  readonly route: Route;
  readonly around: Route;
  readonly plan: ValuePlan;
}

function admit(
  record: KafkaRecord,
  { route, around, plan }: Stream,
  place: StreamPlace,
  now: number,
): Admission {
  const { value } = record;
  if (value === null || sizeOfRecord(record) > route.plan.limits.bytesMax)
    return admitRecord(record, route, place, now);
  const verdict = plan.loaded.project(value);
  if (verdict.effect === "other") return admitRecord(record, route, place, now);
  if (verdict.effect === "unmet") return denied(record, around, verdict.conditions, place, now);
  const { bytes, fields } = verdict;
  const shell = { ...record, value: standIn(bytes, plan.pointers) };
  const admission = admitRecord(shell, around, place, now);
  if (admission.effect === "deny") return admission;
  return { effect: "permit", record: { ...admission.record, value: bytes }, fields };
}

/** A null meets no condition: so these are the conditions that are not met, among the other reasons. */
const denied = (
  record: KafkaRecord,
  route: Route,
  conditions: readonly PlanCondition[],
  place: StreamPlace,
  now: number,
): Admission => {
  const shell = { ...record, value: Buffer.from("null") };
  return admitRecord(shell, { ...route, plan: { ...route.plan, conditions } }, place, now);
};
