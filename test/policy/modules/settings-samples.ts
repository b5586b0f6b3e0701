import type { Json } from "../../../src/kernel/json.ts";

interface Samples {
  readonly good: readonly Json[];
  readonly bad: readonly Json[];
}

const LONG = "x".repeat(201);
const MANY = Array.from({ length: 1001 }, (_, index) => `name ${index}`);

/** Module → settings that it takes, and settings that it refuses: an unknown member, a value out of range, a wrong type. */
export const SETTINGS: Readonly<Record<string, Samples>> = {
  "classification-ceiling": {
    good: [{}, { otherwise: "null" }, { max: "internal", otherwise: { action: "constant", value: 0 } }],
    bad: [{ max: "secret" }, { otherwise: "round" }, { other: 1 }, [], "x"],
  },
  categories: {
    good: [{}, { price: "drop", volume: { action: "round", multiple: 10, mode: "floor" } }],
    bad: [
      { prize: "drop" },
      { price: "hide" },
      { price: { action: "round", multiple: 10 } },
      { price: { action: "drop", extra: 1 } },
      { price: null },
    ],
  },
  purpose: {
    good: [{ allow: {} }, { allow: { price: ["cx.dcm.base"], volume: [] }, otherwise: "null" }],
    bad: [
      {},
      { allow: { prize: [] } },
      { allow: { price: "cx.dcm.base" } },
      { allow: { price: [""] } },
      { allow: [], otherwise: "drop" },
    ],
  },
  scope: {
    good: [
      [],
      [{ field: "/plain", op: "equals", ref: "partner.id" }],
      [{ field: "/plain", op: "exists" }],
      [{ field: "/a~1b/*", op: "in", ref: "agreement.parameters.plants" }],
      [{ field: "", op: "prefix", value: null }],
    ],
    bad: [
      {},
      [{ field: "/plain", op: "like", value: "x" }],
      [{ field: "/plain" }],
      [{ field: "/plain", op: "equals" }],
      [{ field: "/plain", op: "equals", value: 1, ref: "partner.id" }],
      [{ field: "/plain", op: "exists", value: 1 }],
      [{ field: "/plain", op: "equals", ref: "partner.name" }],
      [{ field: "/plain", op: "equals", ref: "agreement.parameters." }],
      [{ field: "plain", op: "exists" }],
      [{ field: "/plain~2", op: "exists" }],
      [{ field: 1, op: "exists" }],
      [1],
    ],
  },
  validity: {
    good: [
      {},
      { notBefore: "2026-12-01T00:00:00Z", notAfter: "2027-12-01T00:00:00.5+01:00", maxDays: 90 },
      { notBefore: "2026-12-01", lastDaysClosed: 14 },
    ],
    bad: [
      { notBefore: 5 },
      { notBefore: "2026-02-30" },
      { notBefore: "2026-12-01T00:00:00" },
      { notBefore: "2026-12-01 00:00:00Z" },
      { notBefore: "0000-12-01" },
      { notAfter: "" },
      { maxDays: 0 },
      { maxDays: 1.5 },
      { maxDays: "1" },
      { lastDaysClosed: -1 },
      { until: "2026-12-01T00:00:00Z" },
    ],
  },
  limits: {
    good: [{}, { recordBytesMax: 1, depthMax: 2, arrayLengthMax: 3 }],
    bad: [
      { recordBytesMax: 0 },
      { recordBytesMax: 1e9 },
      { depthMax: 1.5 },
      { depthMax: 129 },
      { bytesMax: 1 },
    ],
  },
  "third-party": {
    good: [
      {},
      { companies: { "urn:bpn:BPNL00000004KEST": ["Kestrel", "BPNS0000000KES01"], helix: [] } },
      { detectors: [], otherwise: "deny" },
      { detectors: ["gln"], otherwise: "null" },
    ],
    bad: [
      { companies: ["Kestrel"] },
      { companies: { kestrel: "Kestrel" } },
      { companies: { kestrel: ["K"] } },
      { companies: { kestrel: [" Kestrel"] } },
      { companies: { kestrel: ["two\nlines"] } },
      { companies: { kestrel: MANY } },
      { companies: { "": [] } },
      { companies: { [LONG]: [] } },
      { detectors: ["email"] },
      { detectors: "bpn" },
      { otherwise: "mask" },
      { names: [] },
    ],
  },
  "personal-data": {
    good: [
      {},
      { person: "null", vehicle: { action: "prefix", length: 3 } },
      { find: { email: "drop", vin: "deny" } },
    ],
    bad: [
      { person: "keep" },
      { price: "drop" },
      { find: ["email"] },
      { find: { bpn: "drop" } },
      { find: { email: "mask" } },
    ],
  },
  prices: {
    good: [{}, { otherwise: "null" }, { otherwise: { action: "band", edges: [0, 100] } }],
    bad: [{ price: "drop" }, { otherwise: "band" }, { otherwise: null }, 1],
  },
  engineering: {
    good: [
      { purposes: [] },
      { purposes: ["cx.engineering.base"], nda: "nda", accepted: ["NDA-7"], otherwise: "null" },
    ],
    bad: [
      {},
      { purposes: "cx.engineering.base" },
      { purposes: [""] },
      { purposes: [], nda: "" },
      { purposes: [], nda: LONG },
      { purposes: [], accepted: "x" },
    ],
  },
  "free-text": {
    good: [
      {},
      { where: "everywhere", screen: {} },
      {
        screen: {
          detectors: ["email"],
          words: ["Nightjar"],
          hosts: [".corp.example", "*.lan"],
          canaries: ["c-1"],
          otherwise: "deny",
        },
      },
    ],
    bad: [
      { where: "nowhere" },
      { screen: true },
      { screen: { detectors: ["names"] } },
      { screen: { words: ["x"] } },
      { screen: { words: [LONG] } },
      { screen: { hosts: [".."] } },
      { screen: { hosts: ["https://corp.example/"] } },
      { screen: { canaries: "c-1" } },
      { screen: { otherwise: "share" } },
      { screen: { where: "everywhere" } },
    ],
  },
  antitrust: {
    good: [
      {},
      { categories: [], otherwise: "drop", minimumAgeDays: 0 },
      { minimumAgeDays: 3650, coarseness: { volume: { action: "round", multiple: 1000, mode: "floor" } } },
    ],
    bad: [
      { categories: ["demand"] },
      { otherwise: "null" },
      { minimumAgeDays: -1 },
      { minimumAgeDays: 3651 },
      { minimumAgeDays: 0.5 },
      { coarseness: { volume: "coarse" } },
      { coarseness: [] },
    ],
  },
  "export-control": {
    good: [
      { unclassified: "allow" },
      { unclassified: "deny", allow: ["DE"], deny: [], classes: { "3E001": { countries: ["DE"] } } },
    ],
    bad: [
      {},
      { unclassified: "perhaps" },
      { unclassified: "allow", allow: ["de"] },
      { unclassified: "allow", deny: ["DEU"] },
      { unclassified: "allow", classes: { "3E001": ["DE"] } },
      { unclassified: "allow", classes: { "3E001": {} } },
      { unclassified: "allow", classes: { "3E001": { countries: [], except: [] } } },
    ],
  },
  quotas: {
    good: [{}, { recordsPerSecond: 1, bytesPerSecond: 1, alarmRecordsPerHour: 1, replayDays: 1 }],
    bad: [
      { recordsPerSecond: 0 },
      { bytesPerSecond: 1.5 },
      { alarmRecordsPerHour: "1" },
      { replayDays: 36_501 },
      { perSecond: 1 },
    ],
  },
  "onward-sharing": {
    good: [{}, { received: "label", published: "forbidden" }, { received: "deny", published: "as-contract" }],
    bad: [{ received: "allow" }, { published: "allowed" }, { published: true }, { sent: "deny" }],
  },
  tombstones: {
    good: [{ action: "deny" }],
    bad: [{}, { action: "pass" }, { action: "deny", when: 1 }, "deny"],
  },
  "headers-and-key": {
    good: [{}, { without: ["traceparent"], key: "drop", timestamp: "iso-week" }],
    bad: [
      { without: "traceparent" },
      { without: [""] },
      { key: "share" },
      { timestamp: "second" },
      { headers: [] },
    ],
  },
};
