import { below, digits, type Feed, fateOf, headerOf, type Made, traceparent, uuid } from "../feed.ts";

const MATERIALS = [
  {
    supplier: "HX-PSU-0417",
    customer: "A 205 540 12 45",
    text: "Power supply 400 V, left-hand drive",
    price: 212.4,
  },
  {
    supplier: "HX-PSU-0418",
    customer: "A 205 540 13 45",
    text: "Power supply 400 V, right-hand drive",
    price: 214.9,
  },
  { supplier: "HX-INV-1020", customer: "A 297 903 02 00", text: "Inverter, rear axle, 150 kW", price: 689.0 },
  { supplier: "HX-DCC-0033", customer: "A 000 906 55 10", text: "DC/DC converter 48 V", price: 96.75 },
  { supplier: "HX-OBC-0211", customer: "A 297 900 71 08", text: "On-board charger 11 kW", price: 301.2 },
];
const PLANTS = ["BPNS00000003AYM1", "BPNS00000003AYM2"] as const;
const WEEKS = 16;
const DAY_MS = 86_400_000;

const FATES = [
  [20, 7, "other supplier"],
  [20, 13, "cut off"],
  [20, 17, "no part number"],
  [40, 39, "two suppliers"],
] as const;

/** Weekly demand of the car maker for the parts of its supplier. */
export const materialDemand: Feed = {
  contract: "material-demand",
  topic: "dcm.material-demand",
  from: "aurora",
  to: "helix",
  purpose: "cx.dcm.base",
  perSecond: 60,
  make,
  markOf: (record) => headerOf(record, "traceparent"),
};

function make(n: number): Made {
  const material = MATERIALS[n % MATERIALS.length] ?? { supplier: "", customer: "", text: "", price: 0 };
  const demand = {
    materialDemandId: uuid("demand", n % MATERIALS.length),
    materialNumberSupplier: material.supplier,
    materialNumberCustomer: material.customer,
    materialDescriptionCustomer: material.text,
    supplier: "BPNL00000007QWER",
    customer: "BPNL00000003AYRE",
    unitOfMeasure: "unit:piece",
    changedAt: new Date().toISOString(),
    plannerEmail: "maria.lind@aurora.example",
    targetPrice: material.price,
    demandSeries: PLANTS.map((plant) => ({
      demandCategoryCode: "0001",
      customerLocation: plant,
      expectedSupplierLocation: "BPNS00000007QWS1",
      demands: weeksOf(n, plant),
    })),
  };
  const mark = traceparent("demand", n);
  const record = { key: material.customer, headers: { traceparent: mark }, mark };
  const sound = JSON.stringify(demand);
  switch (fateOf(n, FATES)) {
    case "sound":
      return { ...record, value: sound, fate: "leaves" };
    case "other supplier":
      return {
        ...record,
        value: JSON.stringify({ ...demand, supplier: "BPNL0000000OTHER" }),
        fate: "SCOPE_MISMATCH",
      };
    case "cut off":
      return { ...record, value: sound.slice(0, -20), fate: "JSON_SYNTAX" };
    case "no part number":
      return {
        ...record,
        value: JSON.stringify({ ...demand, materialNumberSupplier: undefined }),
        fate: "SCHEMA_MISMATCH",
      };
    case "two suppliers":
      return {
        ...record,
        value: `{"supplier":"BPNL0000000OTHER",${sound.slice(1)}`,
        fate: "JSON_DUPLICATE_NAME",
      };
  }
}

function weeksOf(n: number, plant: string) {
  const monday = Date.now() - ((new Date().getUTCDay() + 6) % 7) * DAY_MS;
  return Array.from({ length: WEEKS }, (_, week) => ({
    pointInTime: new Date(monday + (7 * week + 2) * DAY_MS).toISOString().slice(0, 10),
    demand: 400 + below(2_400, `${plant} ${digits(plant, n).slice(0, 4)}`, week),
  }));
}
