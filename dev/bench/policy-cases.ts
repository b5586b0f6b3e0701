import { createHash, createSecretKey } from "node:crypto";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { ValueCheck } from "../../src/kernel/contract.ts";
import type { PlanNode, PolicyPlan } from "../../src/kernel/plan.ts";
import type { FieldKeys } from "../../src/kernel/ports.ts";

const PARTNER = "urn:bpn:BPNL00000007QWER";
const DAY_MS = 86_400_000;
const START = Date.parse("2026-11-16");

/** A plan for values of this shape; all else is as open as a plan can be. */
export function planOf(root: PlanNode): PolicyPlan {
  return {
    version: 1,
    digest: "sha-256:be",
    contract: { id: "urn:uuid:7d0b6f0e", name: "material-demand", version: "2.1.0", digest: "sha-256:c0" },
    agreement: "8f5d1c2a",
    owner: "urn:bpn:BPNL00000003AYRE",
    partner: PARTNER,
    purpose: "cx.dcm.base",
    bundles: [],
    denials: [],
    validity: { from: 0, until: Number.MAX_SAFE_INTEGER },
    conditions: [],
    age: { leastMs: 0, mostMs: undefined },
    limits: { bytesMax: 65_536, depthMax: 16, arrayLengthMax: 1000 },
    quota: {},
    encoding: "json",
    event: {
      mode: "binary",
      type: "com.example.demand.v2",
      source: "urn:bpn:BPNL00000003AYRE:dcm",
      id: { from: "auto" },
      subject: { from: "none" },
      time: { from: "record" },
    },
    key: { rule: "drop" },
    headers: [],
    timestamp: { action: "share" },
    screens: [],
    tombstones: "scoped",
    onwardSharing: "forbidden",
    pseudonymEpoch: 1,
    recipient: undefined,
    root,
  };
}

const byDomain = new Map<string, ReturnType<typeof createSecretKey>>();

export const keys: FieldKeys = {
  pseudonyms: {
    epoch: 1,
    key: (company, domain) => {
      const name = `${company}\n${domain}`;
      const key = byDomain.get(name) ?? createSecretKey(createHash("sha256").update(name).digest());
      byDomain.set(name, key);
      return key;
    },
  },
  sealer: { seal: () => "" },
};

/** The key of one domain, for the way over objects. */
export const keyOf = (domain: string): ReturnType<typeof createSecretKey> =>
  keys.pseudonyms.key(PARTNER, domain);

type Shape = FieldAction | readonly [Shape] | { readonly [name: string]: Shape };

/** A tree of nodes from a sketch: an action, `[element]`, or members by name. */
export function nodeOf(shape: Shape, path = ""): PlanNode {
  const rest = { path, by: "contract", screens: [] };
  if (isAction(shape)) {
    const { action } = shape;
    return { ...rest, action: shape, own: action, check: checkOf(action), members: {}, elements: undefined };
  }
  if (isList(shape)) {
    const elements = nodeOf(shape[0], `${path}/*`);
    return { ...rest, action: undefined, own: undefined, check: { types: ["array"] }, members: {}, elements };
  }
  const members = Object.entries(shape).map(
    ([name, child]) => [name, nodeOf(child, `${path}/${name}`)] as const,
  );
  const check: ValueCheck = { types: ["object"], required: Object.keys(shape).slice(0, 2) };
  return {
    ...rest,
    action: undefined,
    own: undefined,
    check,
    members: Object.fromEntries(members),
    elements: undefined,
  };
}

const isAction = (shape: Shape): shape is FieldAction =>
  !isList(shape) && typeof (shape as { action?: unknown }).action === "string";
const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

const CHECKS: Readonly<Partial<Record<FieldAction["action"], ValueCheck>>> = {
  round: { types: ["number"], minimum: 0 },
  "truncate-date": { types: ["string"], format: "date" },
};
const checkOf = (action: FieldAction["action"]): ValueCheck => CHECKS[action] ?? { types: ["string"] };

const share = { action: "share" } as const;

/** Eight rules, of which two pseudonymise. */
export const DEMAND = {
  materialNumberSupplier: share,
  materialNumberCustomer: { action: "pseudonymize", domain: "material-number" },
  materialDemandId: { action: "pseudonymize", domain: "material-demand" },
  supplier: share,
  unitOfMeasure: share,
  demandSeries: [
    {
      customerLocation: { action: "prefix", length: 4 },
      demands: [
        {
          pointInTime: { action: "truncate-date", to: "iso-week" },
          demand: { action: "round", multiple: 100, mode: "half-even" },
        },
      ],
    },
  ],
} as const satisfies Shape;

/** The same with hundreds of fields beside it that no record here has. */
export const wide = (count: number): Shape => ({
  ...DEMAND,
  ...Object.fromEntries(Array.from({ length: count }, (_, n) => [`characteristic${n}Value`, share])),
});

/** A demand of so many weeks, with a note of so many characters: 13 weeks alone, or 4 with a note of 390, are 1.2 KB. */
export function demandOf(number: number, weeks: number, note = 0): string {
  const demands = Array.from({ length: weeks }, (_, week) => ({
    pointInTime: new Date(START + (week * 7 + (number % 5)) * DAY_MS).toISOString().slice(0, 10),
    demand: ((number * 7919 + week * 104_729) % 90_000) / 10,
  }));
  return JSON.stringify({
    materialDemandId: `0157ba42-d2a8-4e28-8565-${number.toString(16).padStart(12, "0")}`,
    materialNumberSupplier: `${number}-4711`,
    materialNumberCustomer: `MNR-${number % 5000}`,
    materialDescriptionCustomer: `Steuergerät, ${createHash("sha512").update(`${number}`).digest("base64")}`,
    supplier: "BPNL00000007QWER",
    customer: "BPNL00000003AYRE",
    unitOfMeasure: "unit:piece",
    changedAt: new Date(START + number * 1000).toISOString(),
    ...(note > 0 && { note: "To be delivered in returnable boxes. ".repeat(12).slice(0, note) }),
    plannerEmail: "planner@aurora.example",
    targetPrice: 12.5,
    demandSeries: [
      {
        demandCategoryCode: "0001",
        customerLocation: "BPNS00000003AYRE",
        expectedSupplierLocation: "BPNS00000007QWER",
        demands,
      },
    ],
  });
}
