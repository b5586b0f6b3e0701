import { below, digits, type Feed, fateOf, headerOf, type Made, uuid } from "../feed.ts";

const STATES = ["created", "sent", "received", "acknowledged", "closed"] as const;
const SEVERITIES = ["minor", "major", "critical"] as const;

const FATES = [
  [12, 5, "other receiver"],
  [12, 8, "other family"],
  [24, 11, "no type"],
] as const;

/** Findings on castings: the foundry warns its customer. */
export const qualityNotification: Feed = {
  contract: "quality-notification",
  topic: "quality.notification",
  from: "borealis",
  to: "helix",
  purpose: "cx.quality.base",
  parameters: "partFamily=BC-HSG",
  perSecond: 15,
  make,
  markOf: (record) => headerOf(record, "ce_id"),
};

function make(n: number): Made {
  const finding = Math.floor(n / STATES.length);
  const data = {
    notificationId: uuid("finding", finding),
    sender: "BPNL00000009TIER",
    receiver: "BPNL00000007QWER",
    status: STATES[n % STATES.length],
    severity: SEVERITIES[finding % SEVERITIES.length],
    foundAt: new Date().toISOString(),
    description: "Porosity above limit near the flange, found by X-ray; melt 4 was topped up late.",
    inspector: "J. Karhu",
    contactEmail: "quality@borealis.example",
    affectedItems: [
      item("BC-HSG-2201", finding, 1 + below(400, "count", finding)),
      item("BC-HSG-2207", finding + 1, 1 + below(40, "count", finding + 1)),
    ],
    meltAnalysis: { furnace: 4, siliconPercent: 9.12, ironPercent: 0.41, temperature: 712 },
  };
  const event = {
    specversion: "1.0",
    id: `finding-${finding}-${STATES[n % STATES.length]}`,
    source: "/foundry/laboratory/2",
    type: "internal.finding.changed",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
  };
  const record = {
    key: data.notificationId,
    headers: { "content-type": "application/cloudevents+json; charset=UTF-8" },
    mark: event.id,
  };
  const told = (envelope: object, changed: object, fate: Made["fate"]): Made => ({
    ...record,
    value: JSON.stringify({ ...envelope, data: { ...data, ...changed } }),
    fate,
  });
  switch (fateOf(n, FATES)) {
    case "sound":
      return told(event, {}, "leaves");
    case "other receiver":
      return told(event, { receiver: "BPNL0000000OTHER" }, "SCOPE_MISMATCH");
    case "other family":
      return told(event, { affectedItems: [item("BC-ARM-0007", finding, 3)] }, "SCOPE_MISMATCH");
    case "no type":
      return told({ ...event, type: undefined }, {}, "EVENT_INVALID");
  }
}

const item = (partId: string, finding: number, count: number) => ({
  partId,
  batch: `M4-${digits("batch", finding).slice(0, 6)}`,
  count,
  customerPlant: "CZ-BRQ-2",
});
