import type { PlanNode, PolicyPlan } from "../kernel/plan.ts";
import type { RecordCodec } from "../kernel/ports.ts";
import { Kernel } from "../policy/kernel/kernel.ts";
import { type Admit, admitEach, referenceAdmit } from "./admit.ts";
import { admitBatches, type BatchPlan } from "./kernel-admit-batches.ts";
import { admitEachBy, type ValuePlan, valuePlan } from "./kernel-admit-records.ts";
import { templateOf } from "./kernel-admit-template.ts";
import type { Route } from "./route.ts";

/** What is kept of a plan while its stream runs. */
interface KernelPlan extends Pick<Route, "fields" | "owner" | "agreement"> {
  /** Undefined: what stands around the values is not the kernel's. */
  readonly batches: BatchPlan | undefined;
  readonly values: ValuePlan;
}

/**
 * `Admit` with the kernel, which works on whole batches; what is not its own is decided by `admitRecord`, record by record: so there is one
 * meaning of everything. One kernel serves all plans of the gateway.
 */
export function kernelAdmit(codec: RecordCodec, module: WebAssembly.Module): Admit {
  const kernel = new Kernel(module);
  const plans = new WeakMap<PolicyPlan, KernelPlan>();
  const byReference = referenceAdmit(codec);
  return (batch, route, sequence, now) => {
    const plan = planFor(route, kernel, plans);
    if (plan === undefined) return byReference(batch, route, sequence, now);
    const { batches, values } = plan;
    if (batches !== undefined && isInForce(route.plan, now))
      return admitBatches(codec, batches, batch, route, sequence, now);
    return admitEach(codec, () => admitEachBy(values, route))(batch, route, sequence, now);
  };
}

/** Outside all records are denied, for this reason among others. */
const isInForce = ({ validity: { from, until } }: PolicyPlan, now: number): boolean =>
  now >= from && now < until;

/** Undefined: the plan is the reference implementation's. */
function planFor(
  route: Route,
  kernel: Kernel,
  plans: WeakMap<PolicyPlan, KernelPlan>,
): KernelPlan | undefined {
  const { plan, fields, owner, agreement } = route;
  if (!isForKernel(plan) || fields.pseudonyms.epoch !== plan.pseudonymEpoch) return undefined;
  const known = plans.get(plan);
  if (known?.fields === fields && known.owner === owner && known.agreement === agreement) return known;
  const loaded = kernel.load(plan, fields, templateOf(route));
  const batches = loaded.takesBatches ? { loaded, reasons: new Map() } : undefined;
  const made = { fields, owner, agreement, batches, values: valuePlan(plan, loaded) };
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
