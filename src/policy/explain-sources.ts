import type { FieldAction } from "../kernel/action.ts";
import type { Agreement } from "../kernel/agreement.ts";
import type { Contract, ContractField } from "../kernel/contract.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { ModuleUse, PolicyBundle } from "../kernel/policy-bundle.ts";
import { isLeaf } from "./field-tree.ts";
import { nodeAt } from "./node-at.ts";
import type { PlanInput } from "./plan.ts";

/** Where a file says something; line and column from 1. */
export type Place = ContractField["declared"];

/** Where the rules stand that know no place of their own. Undefined: it can't be told. */
export interface RulePlaces {
  /** A property of the contract's stream by name, for example `mesh.key`. */
  contract(property: string): Place | undefined;
  /** The partner's clearance. */
  readonly clearance: Place | undefined;
  /** An entry of the agreement's `mesh.narrow` by its path, or the agreement's quota by the empty path. */
  agreement(path: string): Place | undefined;
}

/** Something that somebody wrote and that takes away. */
export interface RuleSource {
  readonly kind: "contract" | "agreement" | "clearance" | "module";
  /** As plans name it. */
  readonly by: string;
  /** Of a module only. */
  readonly use: ModuleUse | undefined;
  /** The plan if this were the only rule. */
  readonly alone: PolicyPlan;
  /** The plan if this rule were not; compiled when it is first asked for. */
  readonly without: () => PolicyPlan;
}

/** A plan beside what it would be with other rules: what a rule does is seen by taking it away. */
export interface Comparison {
  readonly input: PlanInput;
  readonly plan: PolicyPlan;
  /** Without any rule: everything that the contract lists leaves. */
  readonly open: PolicyPlan;
  readonly sources: readonly RuleSource[];
  readonly places: RulePlaces;
}

type Compile = (input: PlanInput) => PolicyPlan;

/** Compiles the plan, and for each source of rules the plan of it alone and, when asked for, the one without it. */
export function comparePlans(input: PlanInput, places: RulePlaces, compile: Compile): Comparison {
  const { contract, partner, agreement, bundles } = input;
  const free = {
    ...input,
    contract: openContract(contract),
    partner: { ...partner, clearance: "restricted" as const },
    agreement: openAgreement(agreement),
    bundles: [],
  };
  const source = (
    kind: RuleSource["kind"],
    by: string,
    own: Partial<PlanInput>,
    rest: Partial<PlanInput>,
    use?: ModuleUse,
  ): RuleSource => ({
    kind,
    by,
    use,
    alone: compile({ ...free, ...own }),
    without: once(() => compile({ ...input, ...rest })),
  });
  return {
    input,
    plan: compile(input),
    open: compile(free),
    places,
    sources: [
      source("contract", "contract", { contract }, { contract: free.contract }),
      source("clearance", "clearance", { partner }, { partner: free.partner }),
      source("agreement", "agreement", { agreement }, { agreement: free.agreement }),
      ...bundles.flatMap((bundle) =>
        bundle.modules.map((use) => {
          const without = bundles.map((each) =>
            each === bundle ? { ...each, modules: each.modules.filter((other) => other !== use) } : each,
          );
          const own = { bundles: [{ ...bundle, modules: [use] }] };
          return source("module", `${bundle.name}/${use.use}`, own, { bundles: without }, use);
        }),
      ),
    ],
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The contract as if it kept nothing back of what it lists. */
const openContract = (contract: Contract): Contract => ({
  ...contract,
  root: openField(contract.root),
  key: "from" in contract.key ? contract.key : { action: "share" },
  timestamp: { action: "share" },
  scope: [],
  tombstones: "pass",
  onwardSharing: "allowed",
  limits: LIMITS.recordCeiling,
});

const openField = (field: ContractField): ContractField => ({
  ...field,
  action: isLeaf(field) && field.path !== "" ? { action: "share" } : undefined,
  members: new Map([...field.members].map(([name, child]) => [name, openField(child)])),
  elements: field.elements === undefined ? undefined : openField(field.elements),
});

/** Its time stays: an agreement without an end is none. */
const openAgreement = (agreement: Agreement | undefined): Agreement | undefined =>
  agreement === undefined ? undefined : { ...agreement, narrow: new Map(), quota: undefined };

/** What the source alone would do to the field; undefined: nothing. */
export function demandOf({ alone }: RuleSource, path: string): FieldAction | undefined {
  const { action } = nodeAt(alone.root, path);
  return action?.action === "share" ? undefined : action;
}

/** Where bundles use the modules that a plan names, `bundle/module` and several with commas. */
export function usePlaces(names: string, bundles: readonly PolicyBundle[]): readonly Place[] {
  const wanted = names.split(", ");
  return bundles.flatMap((bundle) =>
    bundle.modules.flatMap(({ use, declared }) =>
      wanted.includes(`${bundle.name}/${use}`) ? (declared ?? []) : [],
    ),
  );
}

/** `file:line`. */
export const placeText = ({ file, line }: Place): string => `${file}:${line}`;

/** ` in FILE:LINE`, or nothing where nobody knows the place. */
export const inPlace = (place: Place | undefined): string =>
  place === undefined ? "" : ` in ${placeText(place)}`;
