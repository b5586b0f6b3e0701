import { stringify } from "yaml";
import { gatewayDocument } from "../../src/config/gateway-document.ts";
import { type Document, readDocument } from "../../src/document/document.ts";
import type { Json } from "../../src/kernel/json.ts";
import { readContract } from "../../src/mesh/contracts/contract-file.ts";
import { newAgreement, signAgreement } from "../../src/tenants/agreement-file.ts";
import { makeCard, readCard } from "../../src/tenants/card.ts";
import { createKeys, type KeyRing, keyFiles, readKeys } from "../../src/tenants/keys.ts";
import { partnerDocument } from "../../src/tenants/partner-file.ts";

/** Aurora publishes to Helix: the files of Aurora's folder, and the keys of both. */
export const AURORA = "urn:bpn:BPNL00000003AYRE";
export const HELIX = "urn:bpn:BPNL00000007QWER";

const SCHEMA = JSON.stringify({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["material", "supplier"],
  properties: {
    material: { type: "string" },
    supplier: { type: "string" },
    price: { type: "number" },
    exact: { type: "number" },
    demand: { type: "number" },
  },
});

export const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: urn:uuid:7d0b6f0e-8a52-4c1e-9f0e-2f6d1c1d8a10
name: demand
version: 1.0.0
status: active
tenant: ${AURORA}
description: {purpose: Weekly demand.}
customProperties:
- {property: mesh.profile, value: 1}
- {property: mesh.purposes, value: [cx.dcm.base, cx.puris.base]}
schema:
- name: Demand
  physicalName: dcm.demand
  physicalType: topic
  logicalType: object
  customProperties:
  - {property: mesh.schema, value: {file: payload.schema.json}}
  - {property: mesh.event, value: {encoding: json, type: com.aurora.demand.v1, source: urn:aurora:dcm}}
  - {property: mesh.key, value: {action: share}}
  - {property: mesh.headers, value: [traceparent]}
  - {property: mesh.scope, value: [{field: /supplier, op: equals, ref: partner.id.local}]}
  properties:
  - {name: material, logicalType: string, required: true, classification: internal, customProperties: [{property: mesh.action, value: {action: share}}]}
  - {name: supplier, logicalType: string, required: true, classification: internal, customProperties: [{property: mesh.action, value: {action: share}}]}
  - {name: price, logicalType: number, classification: restricted, customProperties: [{property: mesh.category, value: [price]}, {property: mesh.action, value: {action: drop}}]}
  - {name: exact, logicalType: number, classification: internal, customProperties: [{property: mesh.action, value: {action: share}}]}
  - {name: demand, logicalType: number, classification: confidential, customProperties: [{property: mesh.category, value: [volume]}, {property: mesh.action, value: {action: round, multiple: 100, mode: half-even}}]}
`;

const documentOf = (text: string, file = "test.yaml"): Document => {
  const read = readDocument(text, file);
  if (!read.ok) throw new Error(JSON.stringify(read.fault));
  return read.value;
};

/** The digest of the contract above. */
function contractDigest(): string {
  const companions = {
    read: (name: string) => (name === "payload.schema.json" ? Buffer.from(SCHEMA) : undefined),
  };
  const { contract, problems } = readContract(documentOf(CONTRACT), companions);
  if (contract === undefined) throw new Error(JSON.stringify(problems));
  return contract.ref.digest;
}

export interface Companies {
  readonly aurora: KeyRing;
  readonly helix: KeyRing;
  /** Path → text, for Aurora's folder. */
  readonly files: Readonly<Record<string, string>>;
}

export async function companies(): Promise<Companies> {
  const material = keyFiles(await createKeys());
  const aurora = readKeys((name) => material.get(name));
  const others = keyFiles(await createKeys());
  const helix = readKeys((name) => others.get(name));
  const url = "https://mesh.example:8443";
  const issuedAt = "2026-01-01T00:00:00Z";
  const card = makeCard(aurora, { id: AURORA, name: "Aurora Motors", url, serial: 1, issuedAt });
  const partner = makeCard(helix, { id: HELIX, name: "Helix", url, serial: 1, issuedAt });
  const fingerprint = readCard(documentOf(JSON.stringify(partner))).card?.fingerprint ?? "";
  const gateway = {
    company: AURORA,
    name: "Aurora Motors",
    listen: "127.0.0.1:8443",
    url,
    brokers: ["kafka:9092"],
  };
  const files = {
    "gateway.yaml": gatewayDocument(gateway),
    "card.yaml": stringify(card),
    ...Object.fromEntries([...material].map(([name, text]) => [`keys/${name}`, text])),
    "contracts/demand/contract.odcs.yaml": CONTRACT,
    "contracts/demand/payload.schema.json": SCHEMA,
    "partners/helix.card.yaml": stringify(partner),
    "partners/helix.yaml": stringify(
      partnerDocument({ name: "helix", card: "helix.card.yaml", fingerprint, clearance: "confidential" }),
    ),
  };
  return { aurora, helix, files };
}

/** An agreement on the contract, signed by these. */
export function agreement(
  from: string,
  until: string,
  signers: readonly (readonly [KeyRing, string])[] = [],
  change: Readonly<Record<string, unknown>> = {},
): string {
  const unsigned: Json = newAgreement({
    id: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
    startTimestamp: from,
    endTimestamp: until,
    purpose: "cx.puris.base",
    provider: AURORA,
    consumer: HELIX,
    contractName: "demand",
    contractVersion: "1.0.0",
    contractDigest: contractDigest(),
    ...change,
  });
  const signed = signers.reduce(
    (json, [ring, company]) => signAgreement(json, ring, company, from),
    unsigned,
  );
  return stringify(signed);
}
