import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { readEventLine } from "../../src/cli/preview/event-line.ts";
import { sampleKeys } from "../../src/cli/sample-keys.ts";
import { readDocument } from "../../src/document/document.ts";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { Partner } from "../../src/kernel/company.ts";
import type { Contract, ContractField, JsonType } from "../../src/kernel/contract.ts";
import type { Json } from "../../src/kernel/json.ts";
import type { PolicyPlan } from "../../src/kernel/plan.ts";
import type { PolicyBundle } from "../../src/kernel/policy-bundle.ts";
import { type Admission, admitRecord } from "../../src/mesh/admit.ts";
import { readBundle } from "../../src/mesh/contracts/bundle-file.ts";
import { partnerSchema } from "../../src/policy/partner-schema.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { MODULE_SETTINGS } from "../../src/policy/registry.ts";
import { validator } from "../policy/reader.ts";
import { partner } from "../policy/sample.ts";
import { HIDDEN, leaks, marked } from "./egress.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const keys = sampleKeys();

/** The bundle that the project recommends, as its file is read. */
export function baseline(): PolicyBundle {
  const file = fileURLToPath(new URL("../../policies/baseline.yaml", import.meta.url));
  const document = readDocument(readFileSync(file), "baseline.yaml");
  const { bundle } = document.ok ? readBundle(document.value, MODULE_SETTINGS) : { bundle: undefined };
  if (bundle === undefined) throw new Error("The baseline is sound.");
  return bundle;
}

const { x = "" } = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });

/** A partner with a key to encrypt for. */
export const READER: Partner = partner({
  card: { ...partner().card, keys: [{ kid: "enc-1", use: "enc", jwk: { kty: "OKP", crv: "X25519", x } }] },
});

export const planFor = (
  contract: Contract,
  bundles: readonly PolicyBundle[],
  reader: Partner = READER,
): PolicyPlan =>
  compilePlan({
    contract,
    partner: reader,
    agreement: undefined,
    purpose: "cx.dcm.base",
    bundles,
    pseudonymEpoch: keys.pseudonyms.epoch,
    others: [],
    received: undefined,
  });

/** The decision on a record with key and header, by the way that `preview` takes: a line of events, then admission. */
export function decide(value: Json, plan: PolicyPlan): Admission {
  const envelope = { key: HIDDEN, headers: [["x-secret", HIDDEN]], timestamp: NOW, value };
  const line = readEventLine(Buffer.from(JSON.stringify(envelope)));
  if (!line.ok) throw new Error(`The test's line is none: ${line.fault.code}.`);
  const record = { ...line.value.record, timestamp: BigInt(NOW), offset: 0n };
  const route = {
    plan,
    agreement: "preview",
    owner: plan.owner,
    topicId: "0".repeat(32),
    fields: keys,
    opaque: keys.opaque,
  };
  return admitRecord(record, route, { partition: 0, sequence: 0 }, NOW);
}

/** How many records left, and by which reasons the others did not. Whatever left kept the plan and the partner's schema. */
export interface Outcomes {
  left: number;
  /** Actions that were applied. */
  readonly applied: Set<string>;
  readonly denied: Map<string, number>;
}

export const outcomes = (): Outcomes => ({ left: 0, applied: new Set(), denied: new Map() });

/** Decides on records, marked and as they are, and looks at all that leaves. */
export function inspect(
  records: readonly Json[],
  contract: Contract,
  plan: PolicyPlan,
  into: Outcomes,
): void {
  const accepts = validator(partnerSchema(plan));
  for (const raw of records.flatMap((each) => [each, marked(each, contract.root)])) {
    const admission = decide(raw, plan);
    if (admission.effect === "deny") {
      for (const { code } of admission.reasons) into.denied.set(code, (into.denied.get(code) ?? 0) + 1);
      continue;
    }
    const { key, headers, value } = admission.record;
    const left: Json = JSON.parse(Buffer.from(value ?? "").toString("utf8"));
    expect(leaks(raw, left, plan.root)).toEqual([]);
    expect([contract.ref.name, accepts(left)]).toEqual([contract.ref.name, true]);
    expect([key, JSON.stringify([left, headers.map(String)]).includes(HIDDEN)]).toEqual([null, false]);
    for (const { action } of admission.fields) into.applied.add(action);
    into.left += 1;
  }
}

const TEXT: readonly JsonType[] = ["string"];
const NUMBER: readonly JsonType[] = ["number", "integer"];

/** Action → the types of leaves that it fits. */
export const FITTING: readonly (readonly [FieldAction, readonly JsonType[] | "any"])[] = [
  [{ action: "round", multiple: 10, mode: "half-even" }, NUMBER],
  [{ action: "band", edges: [0, 10, 1000] }, NUMBER],
  [{ action: "coarsen-geo", decimals: 0 }, NUMBER],
  [{ action: "truncate-date", to: "month" }, TEXT],
  [{ action: "prefix", length: 4 }, TEXT],
  [{ action: "mask", keepFirst: 0, keepLast: 0, with: "*" }, TEXT],
  [{ action: "encrypt", keyRole: "quality" }, "any"],
  [{ action: "pseudonymize" }, [...TEXT, ...NUMBER]],
  [{ action: "constant", value: "-" }, "any"],
  [{ action: "null" }, "any"],
  [{ action: "drop" }, "any"],
];

/** The action where it fits or may fit, else `share`. Of typed texts only those are truncated of which the schema says that they are dates. */
export const where =
  (action: FieldAction, fitting: readonly JsonType[] | "any") =>
  ({ check: { types, format } }: ContractField): FieldAction => {
    const isOfType =
      fitting === "any" || types === undefined || types.every((type) => fitting.includes(type));
    const isDate = format === "date" || format === "date-time" || types === undefined;
    return isOfType && (action.action !== "truncate-date" || isDate) ? action : { action: "share" };
  };
