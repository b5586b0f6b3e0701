import { createSecretKey } from "node:crypto";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { PlanNode, PolicyPlan } from "../../src/kernel/plan.ts";
import type { KafkaRecord, OutboundRecord, RecordHeader } from "../../src/kernel/record.ts";
import type { Route } from "../../src/mesh/route.ts";

export const AURORA = "urn:bpn:BPNL00000003AYRE";
export const HELIX = "urn:bpn:BPNL00000007QWER";
export const NOW = Date.UTC(2026, 11, 1, 12, 34, 56);

/** A field of the sample plan. */
export const leaf = (path: string, action: FieldAction, by = "contract"): PlanNode => ({
  path,
  action,
  by,
  own: action.action,
  check: {},
  screens: [],
  members: {},
  elements: undefined,
});

/** The least plan: an object of which `/a` is shared, and nothing around it. */
export function samplePlan(changed: Partial<PolicyPlan> = {}): PolicyPlan {
  const source = `${AURORA}:dcm`;
  return {
    version: 1,
    digest: `sha-256:${"0".repeat(64)}`,
    contract: {
      id: "urn:uuid:7d0b6f0e-8a52-4c1e-9f0e-2f6d1c1d8a10",
      name: "demand",
      version: "1.0.0",
      digest: "sha-256:",
    },
    agreement: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
    owner: AURORA,
    partner: HELIX,
    purpose: "cx.dcm.base",
    bundles: [],
    denials: [],
    validity: { from: NOW - 1_000_000, until: NOW + 1_000_000 },
    conditions: [],
    age: { leastMs: 0, mostMs: undefined },
    limits: { bytesMax: 10_000, depthMax: 8, arrayLengthMax: 100 },
    quota: {},
    encoding: "json",
    event: {
      mode: "binary",
      type: "com.example.demand.v1",
      source,
      id: { from: "auto" },
      subject: { from: "none" },
      time: { from: "none" },
    },
    key: { rule: "drop" },
    headers: [],
    timestamp: { action: "truncate-date", to: "hour" },
    screens: [],
    tombstones: "scoped",
    onwardSharing: "forbidden",
    pseudonymEpoch: 1,
    recipient: undefined,
    root: sampleRoot({ a: leaf("/a", { action: "share" }) }),
    ...changed,
  };
}

export const sampleRoot = (members: Record<string, PlanNode>): PlanNode => ({
  path: "",
  action: undefined,
  by: "contract",
  own: undefined,
  check: { types: ["object"] },
  screens: [],
  members,
  elements: undefined,
});

const keyOf = (...names: string[]) => createSecretKey(Buffer.from(names.join(":")));

export function sampleRoute(changed: Partial<PolicyPlan> = {}): Route {
  const plan = samplePlan(changed);
  return {
    plan,
    agreement: plan.agreement ?? "",
    owner: AURORA,
    topicId: "0".repeat(32),
    fields: {
      pseudonyms: { epoch: 1, key: (partner, domain) => keyOf("pseudonym", partner, domain) },
      sealer: { seal: (plain) => `sealed:${plain.length}` },
    },
    opaque: { opaque: (use) => keyOf("opaque", use) },
  };
}

export const header = (name: string, value: string): RecordHeader => [name, Buffer.from(value)];

export function sampleRecord(value: string | null, changed: Partial<KafkaRecord> = {}): KafkaRecord {
  const bytes = value === null ? null : Buffer.from(value);
  return { offset: 41n, timestamp: BigInt(NOW), key: null, value: bytes, headers: [], ...changed };
}

/** Everything of a record that its reader sees, as text. */
export function shown({ key, value, headers, timestamp }: OutboundRecord): Record<string, unknown> {
  const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
  return {
    key: text(key),
    value: text(value),
    timestamp: Number(timestamp),
    headers: headers.map(([name, bytes]) => [name, text(bytes)]),
  };
}
