import type { FieldAction } from "../kernel/action.ts";
import type { Category, Classification, Contract, JsonType } from "../kernel/contract.ts";
import type { JsonMembers } from "../kernel/json.ts";
import type { ModuleRules, OtherAgreement, ReceivedStream } from "../policy/module.ts";

/**
 * What a company's own module exports as `module`. For editors and compilers alone: at run time nothing is imported. The file runs
 * anew for each call, where there is neither clock nor chance nor anything of the machine; see docs/own-modules.md.
 */
export interface OwnModule<Settings = JsonMembers> {
  /** As bundles write it under `use`; not the name of another module. */
  readonly name: string;
  readonly version: string;
  /** One sentence: what the module is for. */
  readonly describe: string;
  /** JSON Schema (2020-12) of `with`, in the words of `SETTINGS_WORDS`. Settings that do not keep it never reach `compile`. */
  readonly settingsSchema: object;
  /**
   * Demands that narrow what the contract shares. `null`: the settings make no sense, and nothing leaves (POLICY_INVALID). Throwing,
   * or returning anything but plain data, denies everything too.
   */
  compile(settings: Settings, facts: OwnFacts): OwnRules | null;
}

/** Everything that a module may depend on, as plain JSON. What there is not is null. */
export interface OwnFacts {
  readonly contract: {
    readonly name: string;
    readonly version: string;
    /** Company URN. */
    readonly owner: string;
    readonly status: Contract["status"];
    readonly purposes: readonly string[];
    readonly onwardSharing: Contract["onwardSharing"];
    readonly exportClass: string | null;
    /** Header names that the contract lets leave. */
    readonly headers: readonly string[];
    /** Every field in the order of the contract, parents first; not the record itself. */
    readonly fields: readonly OwnField[];
  };
  readonly partner: {
    /** Company URN. */
    readonly id: string;
    readonly name: string;
    readonly groups: readonly string[];
    readonly clearance: Classification;
    /** ISO 3166-1 alpha-2. */
    readonly country: string | null;
    readonly competesWith: readonly string[];
  };
  /** Null in a preview without one. */
  readonly agreement: {
    readonly id: string;
    /** Milliseconds since 1970. */
    readonly startsAt: number;
    readonly endsAt: number;
    readonly parameters: Readonly<Record<string, string | readonly string[]>>;
  } | null;
  readonly purpose: string;
  /** The company's other live agreements as publisher. */
  readonly others: readonly OtherAgreement[];
  /** When the contract's topic is the replica of a received stream: what its publisher allows. */
  readonly received: ReceivedStream | null;
}

export interface OwnField {
  /** RFC 6901; `*` for every element of an array, or every value of a map. */
  readonly path: string;
  /** Does it leave whole or not at all? A container lives by the fields below it. */
  readonly leaf: boolean;
  readonly classification: Classification;
  readonly categories: readonly Category[];
  /** As the contract says; null for a container without an action of its own. */
  readonly action: FieldAction | null;
  /** As the wire schema says; null where it does not. */
  readonly types: readonly JsonType[] | null;
}

/** What a module demands: the members of `ModuleRules`, all optional. There is no way to say that more may leave. */
export type OwnRules = ModuleRules;
