import { Buffer } from "node:buffer";
import type { Agreement } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import type { Contract } from "../../kernel/contract.ts";
import type { PolicyPlan } from "../../kernel/plan.ts";
import type { PolicyBundle } from "../../kernel/policy-bundle.ts";
import type { KafkaRecord } from "../../kernel/record.ts";
import { toNode, writeJson } from "../../kernel/strict-json.ts";
import { localId } from "../../kernel/uri.ts";
import { type Admission, admitRecord } from "../../mesh/admit.ts";
import type { PolicyModule } from "../../policy/module.ts";
import { compileWith, type PlanInput } from "../../policy/plan.ts";
import { MODULES } from "../../policy/registry.ts";
import { sampleKeys } from "../sample-keys.ts";
import type { Case, CaseRecord } from "./case-file.ts";

const UNNAMED = "00000000-0000-4000-8000-000000000000";

/** What came of a case, and what it was decided by. */
export interface CaseRun {
  readonly admission: Admission;
  readonly input: PlanInput;
  readonly compile: (input: PlanInput) => PolicyPlan;
  readonly record: KafkaRecord;
}

/**
 * Decides a case as the gateway would, with the sample keys: pseudonyms and event ids are the same everywhere. `modules` are those
 * that the bundles may use.
 */
export function runCase(
  given: Case,
  contract: Contract,
  bundles: readonly PolicyBundle[],
  modules: ReadonlyMap<string, PolicyModule> = MODULES,
): CaseRun {
  const now = Date.parse(given.now);
  const { opaque, ...fields } = sampleKeys();
  const input: PlanInput = {
    contract,
    partner: partnerOf(given),
    agreement: agreementOf(given, contract),
    purpose: given.purpose,
    bundles,
    pseudonymEpoch: fields.pseudonyms.epoch,
    others: [],
    received: undefined,
  };
  const compile = (each: PlanInput): PolicyPlan => compileWith(each, modules);
  const plan = compile(input);
  const { owner } = contract;
  const route = { plan, agreement: UNNAMED, owner, topicId: "0".repeat(32), fields, opaque };
  const record = recordOf(given.record, now);
  const admission = admitRecord(record, route, { partition: 0, sequence: 0 }, now);
  return { admission, input, compile, record };
}

/** A partner of whom only that is known which policy may ask for. */
function partnerOf({ partner }: Case): Partner {
  const { id, groups = [], country, clearance = "internal" } = partner;
  const name = localId(id);
  const card = { id, name, issuedAt: "", serial: 1, url: "", keys: [], pins: [], fingerprint: "" };
  return { name, card, groups, clearance, country, competesWith: [], kafka: undefined };
}

/** An agreement on this contract, active at any time. */
function agreementOf({ partner, purpose, parameters = {} }: Case, { ref, owner }: Contract): Agreement {
  return {
    id: UNNAMED,
    status: "active",
    startsAt: 0,
    endsAt: Number.MAX_SAFE_INTEGER,
    purpose,
    usage: undefined,
    provider: owner,
    consumer: partner.id,
    contractName: ref.name,
    contractVersion: ref.version,
    contractDigest: ref.digest,
    narrow: new Map(),
    parameters,
    quota: undefined,
    start: { at: "earliest" },
    delivery: "pull",
    signatures: [],
  };
}

function recordOf(
  { key = null, value = null, text, headers = [], timestamp }: CaseRecord,
  now: number,
): KafkaRecord {
  const json = text ?? (value === null ? undefined : writeJson(toNode(value)));
  return {
    offset: 0n,
    timestamp: BigInt(timestamp ?? now),
    key: key === null ? null : Buffer.from(key),
    value: json === undefined ? null : Buffer.from(json),
    headers: headers.map(([name, header]) => [name, header === null ? null : Buffer.from(header)]),
  };
}
