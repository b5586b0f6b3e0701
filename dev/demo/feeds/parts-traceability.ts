import { below, type Feed, fateOf, headerOf, type Made, traceparent, uuid } from "../feed.ts";

const HELIX = "urn:epc:id:sgln:4012345.00002.0";
const OTHER = "urn:epc:id:sgln:4098765.00001.0";
const OWNING_PARTY = "urn:epcglobal:cbv:sdt:owning_party";

const FATES = [
  [10, 3, "other destination"],
  [20, 9, "not JSON"],
  [20, 15, "no time"],
] as const;

/** EPCIS events on castings: made, packed, shipped. */
export const partsTraceability: Feed = {
  contract: "parts-traceability",
  topic: "epcis.events",
  from: "borealis",
  to: "helix",
  purpose: "cx.traceability.base",
  parameters: `gln=${HELIX}`,
  perSecond: 40,
  make,
  markOf: (record) => headerOf(record, "traceparent"),
};

function make(n: number): Made {
  const pallet = Math.floor(n / 8);
  const event = {
    ...(n % 8 === 7 ? packed(pallet) : cast(n)),
    eventTime: new Date().toISOString(),
    eventTimeZoneOffset: "+02:00",
    readPoint: { id: "urn:epc:id:sgln:4031415.00009.gate-3" },
    bizLocation: { id: "urn:epc:id:sgln:4031415.00009.0" },
    bizTransactionList: [
      {
        type: "urn:epcglobal:cbv:btt:desadv",
        bizTransaction: `urn:epcglobal:cbv:bt:4031415000009:${88_000 + pallet}`,
      },
    ],
    sourceList: [{ type: OWNING_PARTY, source: "urn:epc:id:sgln:4031415.00009.0" }],
    destinationList: [{ type: OWNING_PARTY, destination: HELIX }],
  };
  const mark = traceparent("epcis", n);
  const headers = {
    ce_specversion: "1.0",
    ce_id: uuid("event", n),
    ce_source: "/mes/packing",
    ce_type: "epcis.captured",
    "content-type": "application/json",
    traceparent: mark,
  };
  const record = { key: `pallet-${pallet}`, headers, value: JSON.stringify(event), mark };
  switch (fateOf(n, FATES)) {
    case "sound":
      return { ...record, fate: "leaves" };
    case "other destination": {
      const destinationList = [{ type: OWNING_PARTY, destination: OTHER }];
      return { ...record, value: JSON.stringify({ ...event, destinationList }), fate: "SCOPE_MISMATCH" };
    }
    case "not JSON":
      return {
        ...record,
        headers: { ...headers, "content-type": "application/xml" },
        fate: "EVENT_CONTENT_TYPE",
      };
    case "no time":
      return {
        ...record,
        value: JSON.stringify({ ...event, eventTime: undefined }),
        fate: "SCHEMA_MISMATCH",
      };
  }
}

const serialOf = (n: number): string => `urn:epc:id:sgtin:4031415.022010.${String(n).padStart(8, "0")}`;

const cast = (n: number) => ({
  type: "ObjectEvent",
  action: "ADD",
  bizStep: "commissioning",
  disposition: "active",
  epcList: [serialOf(n)],
  quantityList: [
    { epcClass: "urn:epc:class:lgtin:4031415.099001.melt4", quantity: 4.2 + below(3, "melt", n), uom: "KGM" },
  ],
  sensorElementList: [
    { sensorReport: [{ type: "Temperature", value: 690 + below(40, "melt", n), uom: "CEL" }] },
  ],
  ilmd: { meltNumber: `M4-${Math.floor(n / 50)}` },
});

const packed = (pallet: number) => ({
  type: "AggregationEvent",
  action: "ADD",
  bizStep: "packing",
  disposition: "in_progress",
  parentID: `urn:epc:id:sscc:4031415.1${String(pallet).padStart(9, "0")}`,
  childEPCs: Array.from({ length: 7 }, (_, at) => serialOf(8 * pallet + at)),
});
