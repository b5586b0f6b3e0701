import type { ActionName, DateUnit, FieldAction } from "./action.ts";
import type {
  AttributeOrigin,
  ContractRef,
  Encoding,
  RecordLimits,
  TombstoneRule,
  ValueCheck,
} from "./contract.ts";
import type { Json } from "./json.ts";
import type { Quota } from "./quota.ts";
import type { Reason } from "./reason.ts";
import type { Screen } from "./screen.ts";

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
  /**
   * How old a record is when it is decided on, by its timestamp, in ms: younger ones are denied as TOO_FRESH, older ones as
   * TOO_OLD; undefined: there is no bound.
   */
  readonly age: { readonly leastMs: number; readonly mostMs: number | undefined };
  readonly limits: RecordLimits;
  /** What the link keeps to: the smaller of the agreement's and every module's. */
  readonly quota: Quota;
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
  /** What is looked for in the key, in header values and in the attributes that come from beside the data. */
  readonly screens: readonly Screen[];
  /** May a null value, which says that a key's record is to be deleted, leave? */
  readonly tombstones: TombstoneRule;
  /** The label that travels with every record: may the partner publish it again? */
  readonly onwardSharing: "forbidden" | "allowed";
  /** Epoch of the pseudonym keys: a rotation makes another plan. */
  readonly pseudonymEpoch: number;
  /** The partner's newest X25519 key (its card's, `use: enc`); undefined: it has none, and `encrypt` drops. */
  readonly recipient: { readonly kid: string; readonly x: string } | undefined;
  readonly root: PlanNode;
}

/** What happens to one value. What has no node is dropped. */
export interface PlanNode {
  readonly path: string;
  /** For a leaf, or a container that leaves whole or not at all; undefined: a container that lives by its children. */
  readonly action: FieldAction | undefined;
  /** Which rule says so: `contract`, `agreement`, or a module as `bundle/module`. */
  readonly by: string;
  /**
   * What the contract alone does with it for a partner so cleared; undefined as for `action`. A rule that takes a value away
   * does not take its check away: or else one rule more could let a record through that was denied before.
   */
  readonly own: ActionName | undefined;
  readonly check: ValueCheck;
  /**
   * What is looked for in the value before it is edited: in a string, in the text of a number, in every string, number and
   * member name of a container that leaves whole; at a container that lives by its children, in the names of members that a
   * `*` rules. Where nothing of the value leaves only screens that deny stand here.
   */
  readonly screens: readonly Screen[];
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
