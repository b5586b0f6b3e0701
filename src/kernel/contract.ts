import type { DateUnit, FieldAction } from "./action.ts";
import type { PushRule } from "./delivery.ts";
import type { Json } from "./json.ts";

/** From least to most sensitive. */
export const CLASSIFICATIONS = ["public", "internal", "confidential", "restricted"] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

export const CATEGORIES = [
  "volume",
  "capacity",
  "price",
  "person",
  "contact",
  "location",
  "third-party",
  "identifier",
  "vehicle",
  "engineering",
  "quality",
  "origin",
  "free-text",
] as const;
export type Category = (typeof CATEGORIES)[number];

/** What names a contract exactly. `digest` is `sha-256:` and hex over the RFC 8785 form of the contract with its schema's digest in it. */
export interface ContractRef {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** A contract as the gateway uses it: one ODCS document with the `mesh.*` profile, one stream. Every default is written out. */
export interface Contract {
  readonly ref: ContractRef;
  /** Company URN. */
  readonly owner: string;
  readonly status: "proposed" | "draft" | "active" | "deprecated" | "retired";
  /** `description.purpose` of the contract, for the catalogue. */
  readonly description: string;
  readonly purposes: readonly string[];
  readonly onwardSharing: "forbidden" | "allowed";
  /** Export control class (`mesh.exportClass`), for example `EAR99` or `3E001`; undefined: not classified. */
  readonly exportClass: string | undefined;
  readonly auditLevel: "window" | "record";
  /** `mesh.push`. */
  readonly push: PushRule;
  /** From `slaProperties`; undefined: the replica topic's default. */
  readonly retentionMs: number | undefined;
  /** The source topic. */
  readonly topic: string;
  /** Name of the stream at the subscriber: the schema object's `physicalName`. */
  readonly stream: string;
  readonly event: EventRules;
  readonly key: KeyRule;
  /** Header names that may leave, exact. */
  readonly headers: readonly string[];
  readonly timestamp:
    | { readonly action: "share" }
    | { readonly action: "truncate-date"; readonly to: DateUnit };
  readonly scope: readonly ScopeRule[];
  /** `mesh.tombstones`: whether a null value may leave although nobody can see whom it is about. */
  readonly tombstones: TombstoneRule;
  readonly limits: RecordLimits;
  readonly compatibility: { readonly mode: string; readonly enforce: "block" | "warn" };
  /** The record's value: path "", children below. */
  readonly root: ContractField;
}

export interface RecordLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
  readonly arrayLengthMax: number;
}

export type Encoding = "json" | "cloudevents-binary" | "cloudevents-structured";

/** Where an attribute comes from; `pointer` goes into the data and is governed by that field's own action. */
export type AttributeOrigin =
  | { readonly from: "auto" | "none" | "event" | "record" }
  | { readonly from: "header"; readonly name: string }
  | { readonly from: "pointer"; readonly pointer: string };

export interface EventRules {
  readonly encoding: Encoding;
  readonly mode: "binary" | "structured";
  readonly type: string;
  readonly source: string;
  readonly id: AttributeOrigin;
  readonly subject: AttributeOrigin;
  readonly time: AttributeOrigin;
}

export type KeyRule =
  | { readonly action: "drop" | "share" | "pseudonymize" }
  | { readonly from: "pointer"; readonly pointer: string };

/**
 * `pass`: also under need-to-know conditions, which a record without a value can't meet; `scoped`: only where there are none;
 * `deny`: never.
 */
export type TombstoneRule = "pass" | "scoped" | "deny";

/** A field of the record's value, in the tree of the contract. */
export interface ContractField {
  /** RFC 6901; a segment `*` stands for every element, or every value of an object used as a map; "" is the root. */
  readonly path: string;
  /** Own classification joined with the containers' (the higher); default restricted. */
  readonly classification: Classification;
  /** Own categories and the containers'. */
  readonly categories: readonly Category[];
  /** As the contract says. A container without an action of its own has `undefined` and lives by its children. */
  readonly action: FieldAction | undefined;
  readonly check: ValueCheck;
  /** Object members by name; `*` for the values of a map. */
  readonly members: ReadonlyMap<string, ContractField>;
  /** Elements of an array. */
  readonly elements: ContractField | undefined;
  /** Where the file says so; lines and columns from 1. */
  readonly declared: { readonly file: string; readonly line: number; readonly column: number };
}

/** What the wire schema demands of one value; absent members demand nothing. */
export interface ValueCheck {
  readonly types?: readonly JsonType[];
  readonly required?: readonly string[];
  readonly enum?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}
export type JsonType = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

/** Need to know (`mesh.scope`): all must hold for a record to leave. */
export interface ScopeRule {
  /** Pointer into the data; no `*`, or any of the elements. */
  readonly field: string;
  readonly op: "equals" | "in" | "prefix" | "exists";
  readonly value?: Json;
  /** `partner.id`, `partner.id.local`, `partner.country`, `partner.groups`, `agreement.parameters.NAME`. */
  readonly ref?: string;
}
