import type { Document } from "../../document/document.ts";
import { listOf, memberOf, textOf } from "./profile.ts";
import type { Report } from "./report.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/** 100,000 years are for ever, and a number that every Kafka and every partner takes. */
const RETENTION_MS_MAX = 100_000 * 365 * DAY;

/** Spellings of units, in milliseconds each. A month has 30 days and a year 365, because a topic counts milliseconds. */
const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    s: SECOND,
    second: SECOND,
    m: 60 * SECOND,
    min: 60 * SECOND,
    minute: 60 * SECOND,
    h: HOUR,
    hour: HOUR,
    d: DAY,
    day: DAY,
    w: 7 * DAY,
    week: 7 * DAY,
    month: 30 * DAY,
    y: 365 * DAY,
    yr: 365 * DAY,
    year: 365 * DAY,
  }),
);

/** The `retention` of slaProperties, in milliseconds; undefined when there is none that can be read. Names are case-insensitive. */
export function readRetention(document: Document, report: Report): number | undefined {
  const items = listOf(memberOf(document.value, "slaProperties"));
  const index = items.findIndex((item) => textOf(memberOf(item, "property"))?.toLowerCase() === "retention");
  if (index === -1) return undefined;
  const item = items[index];
  const value = memberOf(item, "value");
  const unit = textOf(memberOf(item, "unit"))?.toLowerCase() ?? "";
  const count = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  const each = UNITS.get(unit) ?? UNITS.get(unit.replace(/s$/, ""));
  if (typeof count === "number" && Number.isSafeInteger(count) && count > 0 && each !== undefined)
    return Math.min(count * each, RETENTION_MS_MAX);
  report.add(
    document,
    "mesh.retention",
    `/slaProperties/${index}`,
    "The retention can't be read, so the replica's default holds.",
  );
  return undefined;
}
