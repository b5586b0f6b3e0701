import { below, type Feed, fateOf, headerOf, type Made, traceparent, uuid } from "../feed.ts";

const FATES = [
  [15, 4, "not delivered"],
  [15, 9, "other customer"],
  [30, 14, "no part type"],
] as const;

/** Parts as built, with what went into them: the supplier tells the car maker. */
export const serialPart: Feed = {
  contract: "serial-part",
  topic: "trace.serial-part",
  from: "helix",
  to: "aurora",
  purpose: "cx.traceability.base",
  perSecond: 40,
  make,
  markOf: (record) => headerOf(record, "traceparent"),
};

function make(n: number): Made {
  const now = new Date().toISOString();
  const part = {
    catenaXId: `urn:uuid:${uuid("part", n)}`,
    customer: "BPNL00000003AYRE",
    deliveryNote: `DN-2026-${String(100_000 + Math.floor(n / 24))}`,
    localIdentifiers: [
      { key: "partInstanceId", value: `HX-INV-1020-${String(n).padStart(7, "0")}` },
      { key: "batchId", value: `B${String(2_600 + Math.floor(n / 200))}` },
    ],
    manufacturingInformation: {
      date: now,
      country: "CZE",
      site: "BPNS00000007QWS1",
      latitude: 49.19522,
      longitude: 16.60796,
      operatorId: `OP-${1_000 + below(40, "operator", n)}`,
    },
    partTypeInformation: {
      manufacturerPartId: "HX-INV-1020",
      customerPartId: "A 297 903 02 00",
      nameAtManufacturer: "Inverter, rear axle",
    },
    measurements: {
      insulationMegaohm: 20 + below(60, "insulation", n),
      rippleMillivolt: 3.5 + below(9, "ripple", n),
    },
    childItems: [
      childOf("housing", n, "BPNL00000009TIER", 18.3, { value: 1, unit: "unit:piece" }),
      childOf("power module", n, "BPNL0000000CHIPS", 141.0, { value: 3, unit: "unit:piece" }),
      childOf("thermal paste", n, "BPNL0000000GLUE1", 0.42, { value: 8.5, unit: "unit:gram" }),
    ],
  };
  const mark = traceparent("part", n);
  const headers = { "build-event-id": `build-${uuid("build", n)}`, traceparent: mark };
  const record = { key: part.catenaXId, headers, mark };
  const denied = (changed: object, fate: Made["fate"]): Made => ({
    ...record,
    value: JSON.stringify({ ...part, ...changed }),
    fate,
  });
  switch (fateOf(n, FATES)) {
    case "sound":
      return denied({}, "leaves");
    case "not delivered":
      return denied({ deliveryNote: undefined }, "SCOPE_MISMATCH");
    case "other customer":
      return denied({ customer: "BPNL0000000RIVAL" }, "SCOPE_MISMATCH");
    case "no part type":
      return denied({ partTypeInformation: undefined }, "SCHEMA_MISMATCH");
  }
}

const childOf = (what: string, n: number, businessPartner: string, unitCost: number, quantity: object) => ({
  catenaXId: `urn:uuid:${uuid(what, n)}`,
  businessPartner,
  createdOn: new Date().toISOString(),
  hasAlternatives: what === "thermal paste",
  unitCost,
  quantity,
});
