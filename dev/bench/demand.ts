import { randomBytes } from "node:crypto";

const SUPPLIER = "BPNL00000007QWER";
const DAY_MS = 86_400_000;
const START = Date.parse("2026-11-16");
/** Weeks of demand in one record: about 1 KB. */
const WEEKS = 13;

/** The value of a record of contracts/material-demand, of about 1 KB, with the time of its making in it. */
export function demand(number: number, now: number): string {
  const demands = Array.from({ length: WEEKS }, (_, week) => ({
    pointInTime: new Date(START + week * 7 * DAY_MS).toISOString().slice(0, 10),
    demand: ((number * 7919 + week * 104_729) % 90_000) / 10,
  }));
  return JSON.stringify({
    materialDemandId: uuidOf(number),
    // The one field that passes unchanged: what the latency is measured by.
    materialNumberSupplier: `${number}-${now}`,
    materialNumberCustomer: `MNR-${number % 5000}`,
    materialDescriptionCustomer: randomBytes(60).toString("base64"),
    supplier: SUPPLIER,
    customer: "BPNL00000003AYRE",
    unitOfMeasure: "unit:piece",
    changedAt: new Date(now).toISOString(),
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

const uuidOf = (number: number): string => `0157ba42-d2a8-4e28-8565-${number.toString(16).padStart(12, "0")}`;

/** When the record that a partner got was made, ms since 1970. */
export const madeAt = (value: Uint8Array): number =>
  Number(
    /"materialNumberSupplier":"\d+-(\d+)"/.exec(Buffer.from(value).toString("latin1"))?.[1] ?? Number.NaN,
  );
