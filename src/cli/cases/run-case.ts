import { Buffer } from "node:buffer";
import type { Agreement } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import type { Contract } from "../../kernel/contract.ts";
import type { PolicyBundle } from "../../kernel/policy-bundle.ts";
import type { KafkaRecord } from "../../kernel/record.ts";
import { toNode, writeJson } from "../../kernel/strict-json.ts";
import { localId } from "../../kernel/uri.ts";
import { type Admission, admitRecord } from "../../mesh/admit.ts";
import { compilePlan } from "../../policy/plan.ts";
import { sampleKeys } from "../sample-keys.ts";
import type { Case, CaseRecord } from "./case-file.ts";

const UNNAMED = "00000000-0000-4000-8000-000000000000";

/** Decides a case as the gateway would, with the sample keys: pseudonyms and event ids are the same everywhere. */
export function runCase(given: Case, contract: Contract, bundles: readonly PolicyBundle[]): Admission {
  const now = Date.parse(given.now);
  const { pseudonyms, opaque } = sampleKeys();
  const partner = partnerOf(given);
  const agreement = agreementOf(given, contract);
  const { purpose } = given;
  const plan = compilePlan({
    contract,
    partner,
    agreement,
    purpose,
    bundles,
    pseudonymEpoch: pseudonyms.epoch,
  });
  const { owner } = contract;
  const route = { plan, agreement: UNNAMED, owner, topicId: "0".repeat(32), pseudonyms, opaque };
  return admitRecord(recordOf(given.record, now), route, { partition: 0, sequence: 0 }, now);
}

/** A partner of whom only that is known which policy may ask for. */
function partnerOf({ partner }: Case): Partner {
  const { id, groups = [], country, clearance = "internal" } = partner;
  const name = localId(id);
  const card = { id, name, issuedAt: "", serial: 1, url: "", keys: [], pins: [], fingerprint: "" };
  return { name, card, groups, clearance, country, competesWith: [] };
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
