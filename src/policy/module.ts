import type { DateUnit, FieldAction } from "../kernel/action.ts";
import type { Agreement } from "../kernel/agreement.ts";
import type { Partner } from "../kernel/company.ts";
import type { Category, Contract } from "../kernel/contract.ts";
import type { Json } from "../kernel/json.ts";
import type { PlanCondition } from "../kernel/plan.ts";
import type { Quota } from "../kernel/quota.ts";
import type { Reason } from "../kernel/reason.ts";
import type { Result } from "../kernel/result.ts";
import type { Screen } from "../kernel/screen.ts";

/**
 * A rule that information security can put into a bundle. Guarantees to its author: 1 `compile` is called once per plan, when
 * the bundle's `when` selects the contract and the partner; 2 what it returns is data, and every demand in it can only
 * narrow what the contract shares; 3 a module that throws, returns a failure or returns what is no rule denies every
 * record of the plan. It must be pure: no clock, no randomness, no files, no network.
 */
export interface PolicyModule {
  /** As bundles write it under `use`. */
  readonly name: string;
  readonly version: string;
  /** JSON Schema (2020-12) of `with`, for `lint` and editors. `compile` refuses by itself what does not keep it. */
  readonly settingsSchema: object;
  /** One sentence: what the module is for. */
  readonly describe: string;
  compile(settings: Json, facts: PlanFacts): Result<ModuleRules, readonly Reason[]>;
}

/** Everything that a module's rules may depend on. */
export interface PlanFacts {
  readonly contract: Contract;
  readonly partner: Partner;
  /** Undefined in a preview without one. */
  readonly agreement: Agreement | undefined;
  readonly purpose: string;
  /** The company's other live agreements as publisher, for rules about who else gets the like. Not this one. */
  readonly others: readonly OtherAgreement[];
  /** When the contract's topic is the replica of a received stream: what its publisher allows. */
  readonly received: ReceivedStream | undefined;
}

export interface OtherAgreement {
  /** Agreement id. */
  readonly id: string;
  readonly partner: Pick<Partner, "name" | "competesWith"> & { readonly id: string };
  readonly contract: string;
  /** Of all fields that the contract lists. */
  readonly categories: readonly Category[];
  /** When this company signed it, ms since 1970: the older agreement has the older right. */
  readonly approvedAt: number;
}

export interface ReceivedStream {
  /** Company URN of its publisher. */
  readonly from: string;
  readonly contract: string;
  readonly onwardSharing: Contract["onwardSharing"];
}

/** What a module demands. There is no way to say that more may leave. */
export interface ModuleRules {
  /** Nothing leaves while one stands here. */
  readonly denials?: readonly Reason[];
  /** Path in the contract, `*` for any segment → what must be done at least. */
  readonly fields?: readonly FieldDemand[];
  readonly key?: "pseudonymize" | "drop";
  /** Names that do not leave, though the contract lists them. */
  readonly withoutHeaders?: readonly string[];
  /** The timestamp says no more than the start of this span. */
  readonly timestamp?: DateUnit;
  /** Must hold for a record besides the contract's. `module` is set by the engine. */
  readonly conditions?: readonly Omit<PlanCondition, "module">[];
  readonly limits?: {
    readonly bytesMax?: number;
    readonly depthMax?: number;
    readonly arrayLengthMax?: number;
  };
  /** Milliseconds since 1970; `until` is excluded. */
  readonly validity?: { readonly from?: number; readonly until?: number };
  /** Of a record when it is decided on, in ms. */
  readonly age?: { readonly leastMs?: number; readonly mostMs?: number };
  readonly quota?: Quota;
  /** What is looked for in fields; `by` is set by the engine. */
  readonly screens?: readonly FieldScreen[];
  /** What is looked for in key, headers and attributes. */
  readonly envelopeScreens?: readonly Omit<Screen, "by">[];
  readonly tombstones?: "deny";
  readonly onwardSharing?: "forbidden";
}

/** A screen for every field that the path names: leaves, and containers for the names of their members. */
export interface FieldScreen extends Omit<Screen, "by"> {
  readonly path: string;
}

export interface FieldDemand {
  readonly path: string;
  readonly action: FieldAction;
}
