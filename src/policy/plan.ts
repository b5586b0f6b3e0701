import type { Agreement, AgreementStatus } from "../kernel/agreement.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Partner } from "../kernel/company.ts";
import type { AttributeOrigin, Contract } from "../kernel/contract.ts";
import { digestOf } from "../kernel/digest.ts";
import type { Json } from "../kernel/json.ts";
import type { PlanCondition, PolicyPlan } from "../kernel/plan.ts";
import type { PolicyBundle } from "../kernel/policy-bundle.ts";
import type { Reason } from "../kernel/reason.ts";
import { coarsestUnit } from "./compose.ts";
import { joinRules } from "./meet.ts";
import type { PlanFacts } from "./module.ts";
import { ageOf, limitsOf, quotaOf, validityOf } from "./plan-bounds.ts";
import { planTree } from "./plan-tree.ts";
import { MODULES } from "./registry.ts";
import { type Ruling, rulingsFor } from "./rulings.ts";
import { conditionFrom } from "./scope-rule.ts";
import { distinctScreens, normalScreen } from "./screens.ts";

/** All that a plan depends on. */
export interface PlanInput {
  readonly contract: Contract;
  readonly partner: Partner;
  /** Undefined: a preview without one; its validity has no bounds. */
  readonly agreement: Agreement | undefined;
  readonly purpose: string;
  /** Inbound ones and shadows are passed over: this is the plan of what leaves. */
  readonly bundles: readonly PolicyBundle[];
  readonly pseudonymEpoch: number;
  /** As in `PlanFacts`. */
  readonly others: PlanFacts["others"];
  readonly received: PlanFacts["received"];
}

/**
 * Contract × agreement × bundles × partner → the plan. Never throws and never fails: what is wrong stands in `denials`, and a
 * plan with a denial lets nothing through. The order of bundles and modules makes no difference to the plan's digest.
 */
export function compilePlan(input: PlanInput): PolicyPlan {
  return compileWith(input, MODULES);
}

/** The same with other modules than the gateway's own: for their authors' tests. */
export function compileWith(input: PlanInput, modules: Parameters<typeof rulingsFor>[2]): PolicyPlan {
  const { contract, partner, agreement, purpose, pseudonymEpoch, others, received } = input;
  const facts: PlanFacts = { contract, partner, agreement, purpose, others, received };
  const bundles = input.bundles.filter(
    ({ direction, mode }) => direction === "outbound" && mode === "enforced",
  );
  const { all: rulings, base } = rulingsFor(facts, bundles, modules);
  const timestamp = timestampOf(contract, rulings);
  const recipient = recipientOf(partner);
  const root = planTree(contract.root, rulings, base, recipient !== undefined);
  const plan: Omit<PolicyPlan, "digest"> = {
    version: 1,
    contract: contract.ref,
    agreement: agreement?.id,
    owner: contract.owner,
    partner: partner.card.id,
    purpose,
    bundles: unique(bundles.map(({ name, version, digest }) => ({ name, version, digest }))),
    denials: unique([
      ...DENIALS.filter(({ holds }) => holds(facts)).map(({ reason }) => reason),
      ...rulings.flatMap(({ rules }) => rules.denials ?? []),
      ...timestamp.denials,
      ...(root.action?.action === "drop"
        ? [{ code: "SCHEMA_MISMATCH", module: root.by, pointer: "" } as const]
        : []),
    ]),
    validity: validityOf(agreement, rulings),
    conditions: conditionsOf(facts, rulings),
    age: ageOf(rulings),
    limits: limitsOf(contract, rulings),
    quota: quotaOf(agreement, rulings),
    encoding: contract.event.encoding,
    event: eventOf(contract, rulings),
    key: keyOf(contract, rulings),
    headers: [...new Set(contract.headers)].filter((name) => !removedHeaders(rulings).has(name)).sort(),
    timestamp: timestamp.rule,
    screens: distinctScreens(
      rulings.flatMap(({ by, rules }) =>
        (rules.envelopeScreens ?? []).map((screen) => normalScreen({ ...screen, by })),
      ),
    ),
    tombstones: rulings.some(({ rules }) => rules.tombstones === "deny") ? "deny" : contract.tombstones,
    onwardSharing: onwardSharingOf(facts, rulings),
    pseudonymEpoch,
    recipient,
    root,
  };
  return { ...plan, digest: planDigest(plan) };
}

/** Over everything in the plan but the digest itself. */
function planDigest(plan: Omit<PolicyPlan, "digest">): string {
  const plain: Json = JSON.parse(JSON.stringify(plan));
  return digestOf(plain);
}

const IN_FORCE: readonly AgreementStatus[] = ["approved", "active"];

/** Reason → when it denies everything. */
const DENIALS: readonly { readonly reason: Reason; readonly holds: (facts: PlanFacts) => boolean }[] = [
  {
    reason: { code: "AGREEMENT_NOT_ACTIVE" },
    holds: ({ agreement, partner }) =>
      agreement !== undefined &&
      (!IN_FORCE.includes(agreement.status) || agreement.consumer !== partner.card.id),
  },
  {
    reason: { code: "CONTRACT_NOT_ACTIVE" },
    holds: ({ contract, agreement }) =>
      !["active", "deprecated"].includes(contract.status) ||
      (agreement !== undefined && !isAgreedOn(contract, agreement)),
  },
  {
    reason: { code: "PURPOSE_NOT_ALLOWED" },
    holds: ({ contract, agreement, purpose }) =>
      !contract.purposes.includes(purpose) || (agreement !== undefined && agreement.purpose !== purpose),
  },
  { reason: { code: "ONWARD_SHARING" }, holds: ({ received }) => received?.onwardSharing === "forbidden" },
];

const isAgreedOn = ({ ref, owner }: Contract, agreement: Agreement): boolean =>
  agreement.contractName === ref.name &&
  agreement.contractVersion === ref.version &&
  agreement.contractDigest === ref.digest &&
  agreement.provider === owner;

function conditionsOf(facts: PlanFacts, rulings: readonly Ruling[]): readonly PlanCondition[] {
  const own = facts.contract.scope.map((rule) => ({ module: "scope", ...conditionFrom(rule, facts) }));
  const added = rulings.flatMap(({ by, rules }) =>
    (rules.conditions ?? []).map((each) => ({ ...each, module: by })),
  );
  return unique([...own, ...added]);
}

/** The partner's key for `encrypt`: the first of its card. */
function recipientOf({ card }: Partner): PolicyPlan["recipient"] {
  const key = card.keys.find(({ use }) => use === "enc");
  return key === undefined ? undefined : { kid: key.kid, x: key.jwk.x };
}

/** What may be published onward is what all allow: the contract, every rule, and whoever the stream came from. */
function onwardSharingOf({ contract, received }: PlanFacts, rulings: readonly Ruling[]) {
  const labels = [
    contract.onwardSharing,
    received?.onwardSharing,
    ...rulings.map(({ rules }) => rules.onwardSharing),
  ];
  return labels.includes("forbidden") ? "forbidden" : "allowed";
}

/** A header that a module takes away does not come back as an attribute. */
function eventOf({ event }: Contract, rulings: readonly Ruling[]): PolicyPlan["event"] {
  const removed = removedHeaders(rulings);
  const unless = (origin: AttributeOrigin, otherwise: "auto" | "none" | "record"): AttributeOrigin =>
    origin.from === "header" && removed.has(origin.name) ? { from: otherwise } : origin;
  const { mode, type, source } = event;
  const [id, subject] = [unless(event.id, "auto"), unless(event.subject, "none")];
  return { mode, type, source, id, subject, time: unless(event.time, "record") };
}

const removedHeaders = (rulings: readonly Ruling[]): ReadonlySet<string> =>
  new Set(rulings.flatMap(({ rules }) => rules.withoutHeaders ?? []));

/** Share, then pseudonymize, then drop. A key made of a field has no pseudonym of its own: two rules for it make it drop. */
function keyOf({ key }: Contract, rulings: readonly Ruling[]): PolicyPlan["key"] {
  const demands = new Set(rulings.flatMap(({ rules }) => (rules.key === undefined ? [] : [rules.key])));
  if ("from" in key) return demands.size > 0 ? { rule: "drop" } : { rule: "pointer", pointer: key.pointer };
  if (key.action === "drop" || demands.has("drop")) return { rule: "drop" };
  return { rule: demands.has("pseudonymize") ? "pseudonymize" : key.action };
}

/** The coarsest unit; units that don't nest in each other can't both be kept, so nothing leaves. */
function timestampOf({ timestamp }: Contract, rulings: readonly Ruling[]) {
  const demands = rulings.flatMap(({ by, rules }) =>
    rules.timestamp === undefined ? [] : [{ by, to: rules.timestamp }],
  );
  if (timestamp.action === "truncate-date") demands.push({ by: "contract", to: timestamp.to });
  if (demands.length === 0) return { rule: { action: "share" } as const, denials: [] };
  const to = coarsestUnit(demands.map((demand) => demand.to));
  const denials: Reason[] = [];
  if (to === undefined)
    denials.push({ code: "POLICY_INVALID", module: joinRules(demands.map(({ by }) => by)) });
  return { rule: { action: "truncate-date", to: to ?? "year" } as const, denials };
}

/** Each once, in the order of their canonical text. */
function unique<Value extends object>(values: readonly Value[]): readonly Value[] {
  const texts = values.map((value) => [canonicalJson(JSON.parse(JSON.stringify(value))), value] as const);
  return [...new Map(texts.toSorted(([one], [other]) => (one < other ? -1 : 1)))].map(([, value]) => value);
}
