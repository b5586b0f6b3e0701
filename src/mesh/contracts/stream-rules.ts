import type { Document } from "../../document/document.ts";
import type { DateUnit } from "../../kernel/action.ts";
import type { Contract, ContractField, RecordLimits, TombstoneRule } from "../../kernel/contract.ts";
import type { Json } from "../../kernel/json.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { readEventRules } from "./event-rules.ts";
import { FieldPointers } from "./field-pointers.ts";
import { listOf, memberOf, type Profile, textOf } from "./profile.ts";
import type { Report } from "./report.ts";
import { readScope } from "./scope.ts";

type StreamRules = Pick<
  Contract,
  "event" | "key" | "headers" | "timestamp" | "scope" | "tombstones" | "limits" | "compatibility"
>;

/** Headers that the gateway writes itself (CloudEvents Kafka binding 1.0.2, §3.2), and the mesh's own. */
const RESERVED =
  /^(content-type|ce_(id|source|specversion|type|subject|time|dataschema|datacontenttype|mesh.*))$/i;

/** What the schema object says about a record beside its fields; undefined when there is no valid `mesh.event`. */
export function readStreamRules(
  document: Document,
  profile: Profile,
  pointer: string,
  root: ContractField,
  report: Report,
): StreamRules | undefined {
  const pointers = new FieldPointers(document, root, report);
  const event = readEventRules(document, profile, pointer, pointers, report);
  const rules = {
    key: readKey(profile, pointer, pointers),
    headers: readHeaders(document, profile, pointer, report),
    timestamp: readTimestamp(profile.get(pointer, "mesh.timestamp")?.value),
    scope: readScope(document, profile.get(pointer, "mesh.scope"), pointers, report),
    tombstones: readTombstones(profile.get(pointer, "mesh.tombstones")?.value),
    limits: readLimits(profile.get(pointer, "mesh.limits")?.value),
    compatibility: readCompatibility(profile.get(pointer, "mesh.compatibility")?.value),
  };
  return event === undefined ? undefined : { event, ...rules };
}

function readKey(profile: Profile, pointer: string, pointers: FieldPointers): Contract["key"] {
  const entry = profile.get(pointer, "mesh.key");
  const from = textOf(memberOf(entry?.value, "from"));
  if (entry !== undefined && from !== undefined) {
    pointers.demandOne(from, `${entry.pointer}/from`);
    return { from: "pointer", pointer: from };
  }
  const action = memberOf(entry?.value, "action");
  return { action: action === "share" || action === "pseudonymize" ? action : "drop" };
}

function readHeaders(
  document: Document,
  profile: Profile,
  pointer: string,
  report: Report,
): readonly string[] {
  const entry = profile.get(pointer, "mesh.headers");
  const names = listOf(entry?.value).map(String);
  names.forEach((name, index) => {
    if (!RESERVED.test(name)) return;
    const message = "The header belongs to CloudEvents or to the mesh, so it can't be one that is passed on.";
    report.add(document, "mesh.header-reserved", `${entry?.pointer}/${index}`, message);
  });
  return names;
}

function readTimestamp(value: Json | undefined): Contract["timestamp"] {
  const to = memberOf(value, "to");
  return to === undefined ? { action: "share" } : { action: "truncate-date", to: to as DateUnit };
}

/** The shape was checked; what is not said is decided by the scope. */
const readTombstones = (value: Json | undefined): TombstoneRule =>
  value === "pass" || value === "deny" ? value : "scoped";

function readLimits(value: Json | undefined): RecordLimits {
  const limit = (name: string, otherwise: number): number => {
    const written = memberOf(value, name);
    return typeof written === "number" ? written : otherwise;
  };
  return {
    bytesMax: limit("recordBytesMax", LIMITS.record.bytesMax),
    depthMax: limit("depthMax", LIMITS.record.depthMax),
    arrayLengthMax: limit("arrayLengthMax", LIMITS.record.arrayLengthMax),
  };
}

function readCompatibility(value: Json | undefined): Contract["compatibility"] {
  return {
    mode: textOf(memberOf(value, "mode")) ?? "full",
    enforce: memberOf(value, "enforce") === "warn" ? "warn" : "block",
  };
}
