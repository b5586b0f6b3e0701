import { createSecretKey } from "node:crypto";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { Agreement } from "../../src/kernel/agreement.ts";
import type { Partner } from "../../src/kernel/company.ts";
import type {
  Category,
  Classification,
  Contract,
  ContractField,
  JsonType,
} from "../../src/kernel/contract.ts";
import type { Json, JsonNode } from "../../src/kernel/json.ts";
import type { PlanNode } from "../../src/kernel/plan.ts";
import type { ModuleUse, PolicyBundle } from "../../src/kernel/policy-bundle.ts";
import type { FieldKeys } from "../../src/kernel/ports.ts";
import { readJson, toNode, writeJson } from "../../src/kernel/strict-json.ts";
import { evaluate, type PermitVerdict, type RecordFacts, type Verdict } from "../../src/policy/evaluate.ts";
import { compilePlan, type PlanInput } from "../../src/policy/plan.ts";

export const AURORA = "urn:bpn:BPNL00000003AYRE";
export const HELIX = "urn:bpn:BPNL00000007QWER";
export const NOW = Date.UTC(2026, 11, 15, 9, 30, 15);

/** What a test says of a field; all else is as a contract file's defaults. */
export interface Sketch {
  readonly action?: FieldAction;
  readonly types?: readonly JsonType[];
  readonly check?: ContractField["check"];
  readonly class?: Classification;
  readonly categories?: readonly Category[];
  readonly members?: Readonly<Record<string, Sketch>>;
  readonly elements?: Sketch;
}

/** A field as the contract reader would hand it over. */
export function field(path: string, sketch: Sketch): ContractField {
  const { members = {}, elements } = sketch;
  const isLeaf = Object.keys(members).length === 0 && elements === undefined;
  const action = sketch.action ?? (isLeaf && path !== "" ? ({ action: "drop" } as const) : undefined);
  return {
    path,
    classification: sketch.class ?? "internal",
    categories: sketch.categories ?? [],
    action,
    check: { ...(sketch.types === undefined ? {} : { types: sketch.types }), ...sketch.check },
    members: new Map(Object.entries(members).map(([name, child]) => [name, field(`${path}/${name}`, child)])),
    elements: elements === undefined ? undefined : field(`${path}/*`, elements),
    declared: { file: "contract.odcs.yaml", line: 1, column: 1 },
  };
}

export const share: FieldAction = { action: "share" };
export const text = (action: FieldAction, rest: Sketch = {}): Sketch => ({
  types: ["string"],
  action,
  ...rest,
});
export const number = (action: FieldAction, rest: Sketch = {}): Sketch => ({
  types: ["number"],
  action,
  ...rest,
});

export function contract(
  members: Readonly<Record<string, Sketch>>,
  changed: Partial<Contract> = {},
): Contract {
  return {
    ref: { id: "urn:uuid:7d0b6f0e", name: "material-demand", version: "2.1.0", digest: "sha-256:c0" },
    owner: AURORA,
    status: "active",
    description: "",
    purposes: ["cx.dcm.base", "cx.puris.base"],
    onwardSharing: "forbidden",
    auditLevel: "window",
    push: "exactly-once",
    retentionMs: undefined,
    topic: "dcm.material-demand",
    stream: "material-demand",
    event: {
      encoding: "json",
      mode: "binary",
      type: "com.example.demand.v1",
      source: `${AURORA}:dcm`,
      id: { from: "auto" },
      subject: { from: "none" },
      time: { from: "record" },
    },
    key: { action: "drop" },
    headers: [],
    timestamp: { action: "share" },
    scope: [],
    exportClass: undefined,
    tombstones: "scoped",
    limits: { bytesMax: 65_536, depthMax: 16, arrayLengthMax: 100 },
    compatibility: { mode: "full", enforce: "block" },
    root: field("", { types: ["object"], class: "public", members }),
    ...changed,
  };
}

export function partner(changed: Partial<Partner> = {}): Partner {
  return {
    name: "helix",
    card: {
      id: HELIX,
      name: "Helix",
      issuedAt: "2026-11-22T09:00:00Z",
      serial: 1,
      url: "https://mesh.helix.example:8443",
      keys: [],
      pins: [],
      fingerprint: "SHA256:",
    },
    groups: ["tier-1"],
    clearance: "confidential",
    country: "DE",
    competesWith: [],
    kafka: undefined,
    ...changed,
  };
}

export function agreement(changed: Partial<Agreement> = {}): Agreement {
  return {
    id: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
    status: "active",
    startsAt: Date.UTC(2026, 11, 1),
    endsAt: Date.UTC(2027, 10, 30),
    purpose: "cx.dcm.base",
    usage: undefined,
    provider: AURORA,
    consumer: HELIX,
    contractName: "material-demand",
    contractVersion: "2.1.0",
    contractDigest: "sha-256:c0",
    narrow: new Map(),
    parameters: {},
    quota: undefined,
    start: { at: "earliest" },
    delivery: "pull",
    signatures: [],
    ...changed,
  };
}

export const uses = (use: string, settings: Json, when: ModuleUse["when"] = {}): ModuleUse => ({
  use,
  when,
  with: settings,
});

export const bundle = (...modules: readonly ModuleUse[]): PolicyBundle => ({
  name: "infosec",
  version: "1.0.0",
  digest: "sha-256:b0",
  direction: "outbound",
  mode: "enforced",
  modules,
});

export const input = (subject: Contract, changed: Partial<PlanInput> = {}): PlanInput => ({
  contract: subject,
  partner: partner(),
  agreement: agreement(),
  purpose: "cx.dcm.base",
  bundles: [],
  pseudonymEpoch: 1,
  others: [],
  received: undefined,
  ...changed,
});

/** A seal that shows what it was made with. */
export const keys: FieldKeys = {
  pseudonyms: {
    epoch: 1,
    key: (company, domain) => createSecretKey(Buffer.from(`secret of ${company} for ${domain}`)),
  },
  sealer: {
    seal: (plain, { agreement, contract, path, eventId }, role, { kid }, { now, partition, sequence }) =>
      `sealed ${[plain, agreement, contract, path, eventId, role, kid, now, partition, sequence].join(" ")}`,
  },
};

export function node(json: string): JsonNode {
  const read = readJson(Buffer.from(json), { depthMax: 200, arrayLengthMax: 100_000 });
  if (!read.ok) throw new Error(`The test's JSON is none: ${read.fault.code}.`);
  return read.value;
}

export function facts(data: JsonNode | undefined, changed: Partial<RecordFacts> = {}): RecordFacts {
  const none = { id: undefined, source: undefined, type: undefined, subject: undefined, time: undefined };
  return {
    data,
    event: { ...none, data },
    key: null,
    headers: [],
    timestamp: BigInt(NOW),
    bytes: 100,
    now: NOW,
    agreement: "8f5d1c2a",
    place: { partition: 0, sequence: 7 },
    madeId: () => "made-id",
    ...changed,
  };
}

/** The verdict on a record under a plan compiled from these. */
export const decide = (
  subject: Contract,
  data: Json | string | undefined,
  { plan = {}, record = {} }: { plan?: Partial<PlanInput>; record?: Partial<RecordFacts> } = {},
): Verdict => {
  const value = typeof data === "string" ? node(data) : data === undefined ? undefined : toNode(data);
  return evaluate(compilePlan(input(subject, plan)), facts(value, record), keys);
};

export function permitted(verdict: Verdict): PermitVerdict {
  if (verdict.effect === "permit") return verdict;
  throw new Error(`Denied: ${JSON.stringify(verdict.reasons)}`);
}

/** What leaves of the data, as JSON text. */
export const left = (verdict: Verdict): string | undefined => {
  const { data } = permitted(verdict);
  return data === undefined ? undefined : writeJson(data);
};

/** What one action makes of one value: JSON text, or undefined when it is dropped. */
export function outcome(action: FieldAction, json: string, types?: readonly JsonType[]): string | undefined {
  const subject = contract({ v: { action, ...(types === undefined ? {} : { types }) } });
  const { data } = permitted(decide(subject, `{"v":${json}}`));
  const value = data?.kind === "object" ? data.members.get("v")?.value : undefined;
  return value === undefined ? undefined : writeJson(value);
}

/** What a plan says of the field at these names: its action, or that it lives by its children, and the rule. */
export const ruleAt = (root: PlanNode, ...names: readonly string[]): string => {
  const node = names.reduce<PlanNode | undefined>(
    (each, name) => (name === "*" ? (each?.elements ?? each?.members["*"]) : each?.members[name]),
    root,
  );
  return node === undefined ? "none" : `${node.action?.action ?? "children"} by ${node.by}`;
};
