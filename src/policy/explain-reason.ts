import type { Contract } from "../kernel/contract.ts";
import type { PolicyBundle } from "../kernel/policy-bundle.ts";
import { REASONS, type Reason, type ReasonCode } from "../kernel/reason.ts";
import { type Place, type RulePlaces, usePlaces } from "./explain-sources.ts";
import { fieldsFrom } from "./field-tree.ts";

/** Why something was denied, with what is known besides. */
export interface ExplainedReason extends Reason {
  readonly sentence: string;
  /** Where the rule, and the field it is about, stand: as far as that is known. */
  readonly where: readonly Place[];
  /** What to do. */
  readonly mend: string;
}

/** Code → how to mend it, in full sentences; docs/errors.md says more under the same name. */
const MENDS: Readonly<Record<ReasonCode, string>> = {
  JSON_SYNTAX: "Have the producer write JSON by RFC 8259.",
  JSON_DUPLICATE_NAME: "Have the producer write each name once.",
  JSON_TOO_DEEP: "If such records are right, raise depthMax in mesh.limits, and in the policy that sets it.",
  JSON_NOT_UTF8: "Have the producer write well-formed UTF-8.",
  RECORD_TOO_LARGE:
    "If such records are right, raise recordBytesMax in mesh.limits, and in the policy that sets it.",
  ARRAY_TOO_LONG:
    "If such arrays are right, raise arrayLengthMax in mesh.limits, and in the policy that sets it.",
  TOMBSTONE_WITHOUT_KEY: "Share or pseudonymise the key with mesh.key if deletions shall reach the partner.",
  EVENT_INVALID: "Correct the producer, or mesh.event in the contract.",
  EVENT_CONTENT_TYPE: "Publish what is no JSON in a stream that no contract covers.",
  SCHEMA_MISMATCH: "Correct the producer or the JSON Schema; preview shows it with the record at hand.",
  SCOPE_MISMATCH: "Usually nothing is wrong. If the partner should see it, change the condition.",
  SCREENED: "Have the producer keep it out of the field, or let the policy's outcome be another than deny.",
  TOMBSTONE_DENIED: "If deletions shall reach the partner, allow them in mesh.tombstones and in the policy.",
  TOO_FRESH: "Replay the record when it is old enough, or lower the policy's age.",
  TOO_OLD: "If so old a record shall leave, raise the policy's age for replays.",
  COMPETITOR: "End the competitor's agreement, or take the categories out of this contract.",
  EXPORT_DENIED: "Have export control check the class and the country; then change the policy's list.",
  CAME_HOME: "Nothing is to be done: the partner has it.",
  AGREEMENT_NOT_ACTIVE: "See `tiermesh get agreements`, and approve what waits if it is right.",
  AGREEMENT_NOT_STARTED: "Wait for the agreement's start, or agree on an earlier one.",
  AGREEMENT_EXPIRED: "If both want to go on, the partner requests a new agreement.",
  CONTRACT_NOT_ACTIVE:
    "Activate the contract, or have the partner request an agreement on the version of today.",
  PURPOSE_NOT_ALLOWED: "Agree on a purpose that is allowed, or have the contract's owner allow this one.",
  ONWARD_SHARING: "Ask the company that the record came from: only its contract can allow it.",
  POLICY_FAILED: "Report it to whoever wrote the module.",
  POLICY_SLOW: "Report it to whoever wrote the module.",
  POLICY_UNKNOWN: "Correct the module's name in the bundle, or update the gateway.",
  POLICY_INVALID: "Correct the module's settings: `tiermesh lint` names the line.",
};

/** What is known of the rules behind a reason. Undefined: the contract is not at hand. */
export interface ReasonGround {
  readonly contract: Contract | undefined;
  readonly bundles: readonly PolicyBundle[];
  readonly places: RulePlaces;
}

/** A reason with its sentence, the place of its rule, and how to mend it. */
export function explainReason(reason: Reason, { contract, bundles, places }: ReasonGround): ExplainedReason {
  const { code, module = "", pointer } = reason;
  const own = (PLACES.get(module) ?? (module === "" ? CODES.get(code) : undefined))?.(places);
  const rule = own === undefined ? usePlaces(module, bundles) : [own];
  const fields = contract === undefined ? [] : [...fieldsFrom(contract.root)];
  const field = fields.find(({ path }) => path !== "" && path === pointer);
  const where = field === undefined ? rule : [...rule, field.declared];
  return { ...reason, sentence: REASONS[code], where, mend: MENDS[code] };
}

type PlaceOf = (places: RulePlaces) => Place | undefined;

/** Rules of no bundle, as reasons name them → where they stand. */
const PLACES: ReadonlyMap<string, PlaceOf> = new Map<string, PlaceOf>([
  ["scope", (places) => places.contract("mesh.scope")],
  ["clearance", (places) => places.clearance],
  ["agreement", (places) => places.agreement("")],
]);

/** Codes that need no module to say whose they are → where the contract says it. */
const CODES: ReadonlyMap<string, PlaceOf> = new Map<string, PlaceOf>([
  ["RECORD_TOO_LARGE", (places) => places.contract("mesh.limits")],
  ["JSON_TOO_DEEP", (places) => places.contract("mesh.limits")],
  ["ARRAY_TOO_LONG", (places) => places.contract("mesh.limits")],
  ["TOMBSTONE_WITHOUT_KEY", (places) => places.contract("mesh.key")],
  ["EVENT_INVALID", (places) => places.contract("mesh.event")],
]);
