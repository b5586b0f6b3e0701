import { Buffer } from "node:buffer";
import type { PlanCondition, PlanNode, PolicyPlan } from "../kernel/plan.ts";
import type { FieldKeys, RecordCodec } from "../kernel/ports.ts";
import type { KafkaRecord } from "../kernel/record.ts";
import { Kernel, type LoadedPlan } from "../policy/kernel/kernel.ts";
import { type Admission, type Admit, admitEach, admitRecord, type StreamPlace } from "./admit.ts";
import { sizeOfRecord } from "./cloudevents/kafka-binding.ts";
import type { Route } from "./route.ts";
import { pointersInto, standIn } from "./stand-in.ts";

/** What is kept of a plan while its stream runs. */
interface KernelPlan {
  readonly fields: FieldKeys;
  readonly loaded: LoadedPlan;
  readonly pointers: readonly string[];
  /** The plan for what stands around a value that the kernel has decided. */
  readonly around: PolicyPlan;
}

/**
 * `Admit` with the kernel: it decides the values that are its own, and `admitRecord` all others, whole. What stands around a value of
 * the kernel is decided by `admitRecord` as well, on a record with a small value in its place; so there is one meaning of
 * loops, labels, validity, keys, headers and attributes. One kernel serves all plans of the gateway.
 */
export function kernelAdmit(codec: RecordCodec, module: WebAssembly.Module): Admit {
  const kernel = new Kernel(module);
  const plans = new WeakMap<PolicyPlan, KernelPlan>();
  return admitEach(codec, (route) => {
    const plan = planFor(route, kernel, plans);
    if (plan === undefined) return (record, place, now) => admitRecord(record, route, place, now);
    const around = { ...route, plan: plan.around };
    return (record, place, now) => admit(record, { route, around, plan }, place, now);
  });
}

/** Undefined: the plan is the reference implementation's. */
function planFor(
  { plan, fields }: Route,
  kernel: Kernel,
  plans: WeakMap<PolicyPlan, KernelPlan>,
): KernelPlan | undefined {
  if (!isForKernel(plan) || fields.pseudonyms.epoch !== plan.pseudonymEpoch) return undefined;
  const known = plans.get(plan);
  if (known?.fields === fields) return known;
  const around = { ...plan, conditions: [], limits: UNLIMITED, root: ANYTHING };
  const made = { fields, loaded: kernel.load(plan, fields), pointers: pointersInto(plan), around };
  plans.set(plan, made);
  return made;
}

/** The value is the data and leaves as it is written; a ciphertext would be bound to an id that is not known yet. */
const isForKernel = ({ encoding, event, recipient, root }: PolicyPlan): boolean =>
  encoding !== "cloudevents-structured" &&
  event.mode === "binary" &&
  (recipient === undefined || !encrypts(root));

const encrypts = ({ action, members, elements }: PlanNode): boolean =>
  action?.action === "encrypt" ||
  Object.values(members).some(encrypts) ||
  (elements !== undefined && encrypts(elements));

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

/** A stream: as it is, and for what stands around a value that the kernel has decided. */
interface Stream {
  readonly route: Route;
  readonly around: Route;
  readonly plan: KernelPlan;
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
