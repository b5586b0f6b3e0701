import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { companionsOf } from "../../src/cli/files.ts";
import { type Document, readDocument } from "../../src/document/document.ts";
import type { PolicyPlan } from "../../src/kernel/plan.ts";
import type { PolicyBundle } from "../../src/kernel/policy-bundle.ts";
import { readBundle } from "../../src/mesh/contracts/bundle-file.ts";
import { readContract } from "../../src/mesh/contracts/contract-file.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { MODULE_SETTINGS } from "../../src/policy/registry.ts";

const FOLDER = fileURLToPath(new URL("race/contracts/", import.meta.url));
const PARTNER = "urn:bpn:BPNL00000007QWER";

/** What a contract of the race, with its bundle or without, compiles to for a partner who is cleared for all of it. */
export function racePlan(name: "full-policy" | "share-all"): PolicyPlan {
  const file = `${FOLDER}${name}/contract.odcs.yaml`;
  const { contract } = readContract(documentOf(file), companionsOf(file));
  if (contract === undefined) throw new Error(`${file} is no contract.`);
  const card = {
    id: PARTNER,
    name: "helix",
    issuedAt: "",
    serial: 1,
    url: "",
    keys: [],
    pins: [],
    fingerprint: "",
  };
  const { ref, owner } = contract;
  const agreement = {
    id: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
    status: "active",
    startsAt: 0,
    endsAt: Number.MAX_SAFE_INTEGER,
    purpose: "cx.dcm.base",
    usage: undefined,
    provider: owner,
    consumer: PARTNER,
    contractName: ref.name,
    contractVersion: ref.version,
    contractDigest: ref.digest,
    narrow: new Map(),
    parameters: {},
    quota: undefined,
    start: { at: "earliest" },
    delivery: "pull",
    signatures: [],
  } as const;
  const partner = {
    name: "helix",
    card,
    groups: [],
    clearance: "restricted",
    country: "DE",
    competesWith: [],
    kafka: undefined,
  } as const;
  const bundles = name === "full-policy" ? [bundleOf(`${FOLDER}bundle.yaml`)] : [];
  const terms = { purpose: "cx.dcm.base", pseudonymEpoch: 1, others: [], received: undefined };
  return compilePlan({ contract, partner, agreement, bundles, ...terms });
}

function documentOf(file: string): Document {
  const document = readDocument(readFileSync(file), file);
  if (!document.ok) throw new Error(`${file} is not well-formed.`);
  return document.value;
}

function bundleOf(file: string): PolicyBundle {
  const { bundle } = readBundle(documentOf(file), MODULE_SETTINGS);
  if (bundle === undefined) throw new Error(`${file} is no bundle.`);
  return bundle;
}
