import type { DateUnit, FieldAction } from "./action.ts";
import type { AttributeOrigin, ContractRef, Encoding, RecordLimits, ValueCheck } from "./contract.ts";
import type { Json } from "./json.ts";
import type { Reason } from "./reason.ts";

/**
 * What contract × agreement × bundles × partner compile to: the one thing that the data path executes. Data, not closures,
 * so that it can be explained, diffed, digested, replayed and executed by any backend.
 */
export interface PolicyPlan {
  readonly version: 1;
  /** `sha-256:` and hex over the RFC 8785 form of the rest. */
  readonly digest: string;
  readonly contract: ContractRef;
  /** Agreement id; undefined in a preview without one. */
  readonly agreement: string | undefined;
  readonly owner: string;
  readonly partner: string;
  readonly purpose: string;
  readonly bundles: readonly { readonly name: string; readonly version: string; readonly digest: string }[];
  /** Denials that hold for every record: nothing leaves while one stands here. */
  readonly denials: readonly Reason[];
  /** Milliseconds since 1970; a record decided outside is denied. */
  readonly validity: { readonly from: number; readonly until: number };
  readonly conditions: readonly PlanCondition[];
  readonly limits: RecordLimits;
  readonly encoding: Encoding;
  readonly event: {
    readonly mode: "binary" | "structured";
    readonly type: string;
    readonly source: string;
    readonly id: AttributeOrigin;
    readonly subject: AttributeOrigin;
    readonly time: AttributeOrigin;
  };
  readonly key:
    | { readonly rule: "drop" | "share" | "pseudonymize" }
    | { readonly rule: "pointer"; readonly pointer: string };
  readonly headers: readonly string[];
  readonly timestamp:
    | { readonly action: "share" }
    | { readonly action: "truncate-date"; readonly to: DateUnit };
  /** Epoch of the pseudonym keys: a rotation makes another plan. */
  readonly pseudonymEpoch: number;
  readonly root: PlanNode;
}

/** What happens to one value. What has no node is dropped. */
export interface PlanNode {
  readonly path: string;
  /** For a leaf, or a container that leaves whole or not at all; undefined: a container that lives by its children. */
  readonly action: FieldAction | undefined;
  /** Which rule says so: `contract`, `agreement`, or a module as `bundle/module`. */
  readonly by: string;
  readonly check: ValueCheck;
  readonly members: Readonly<Record<string, PlanNode>>;
  readonly elements: PlanNode | undefined;
}

/** A need-to-know condition with its reference resolved for this partner. */
export interface PlanCondition {
  readonly module: string;
  readonly field: string;
  readonly op: "equals" | "in" | "prefix" | "exists";
  readonly values: readonly Json[];
}
