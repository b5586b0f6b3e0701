import type { DateUnit } from "../kernel/action.ts";

/** A date or date-time as text (RFC 3339 §5.6, an offset and seconds may be missing); what is not read stays as it came. */
interface WrittenDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Undefined: a date alone. */
  readonly time: WrittenTime | undefined;
}
interface WrittenTime {
  /** `T` or `t`. */
  readonly mark: string;
  readonly hour: number;
  readonly minute: number;
  /** Undefined: minutes alone. */
  readonly second: number | undefined;
  /** Digits after the point. */
  readonly fraction: string | undefined;
  /** `Z`, `z`, `+hh:mm`, `-hh:mm` or nothing. */
  readonly offset: string;
}

const DATE =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:([Tt])([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,32}))?)?(Z|z|[+-][0-9]{2}:[0-9]{2})?)?$/;
const MS_PER_DAY = 86_400_000;

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Unit → the day on which its span begins, and how much of the time of day is kept. */
const UNITS: Readonly<Record<DateUnit, { readonly first: (day: Day) => Day; readonly keeps: 0 | 1 | 2 }>> = {
  year: { first: ({ year }) => ({ year, month: 1, day: 1 }), keeps: 0 },
  quarter: { first: ({ year, month }) => ({ year, month: month - ((month - 1) % 3), day: 1 }), keeps: 0 },
  month: { first: ({ year, month }) => ({ year, month, day: 1 }), keeps: 0 },
  // ISO 8601: a week begins on Monday; day 0, 1970-01-01, was a Thursday.
  "iso-week": { first: (day) => dayOf(dayNumber(day) - modulo(dayNumber(day) + 3, 7)), keeps: 0 },
  day: { first: (day) => day, keeps: 0 },
  hour: { first: (day) => day, keeps: 1 },
  minute: { first: (day) => day, keeps: 2 },
};

/**
 * The start of the span that a written date is in, in the form it came: a date stays a date, an offset stays and is what
 * the span is counted in, a fraction keeps its number of digits. Undefined: it is no date of the calendar.
 */
export function truncateDate(text: string, to: DateUnit): string | undefined {
  const written = read(text);
  if (written === undefined) return undefined;
  const { first, keeps } = UNITS[to];
  const start = first(written);
  const date = `${digits(start.year, 4)}-${digits(start.month, 2)}-${digits(start.day, 2)}`;
  const { time } = written;
  if (time === undefined) return date;
  const second = time.second === undefined ? "" : ":00";
  const fraction = time.fraction === undefined ? "" : `.${"0".repeat(time.fraction.length)}`;
  const hour = keeps >= 1 ? digits(time.hour, 2) : "00";
  const minute = keeps >= 2 ? digits(time.minute, 2) : "00";
  return `${date}${time.mark}${hour}:${minute}${second}${fraction}${time.offset}`;
}

/** The start of the span in UTC that an instant is in; both in ms since 1970. */
export function truncateInstant(ms: number, to: DateUnit): number {
  const number = Math.floor(ms / MS_PER_DAY);
  const start = dayNumber(UNITS[to].first(dayOf(number))) * MS_PER_DAY;
  const span = [MS_PER_DAY, 3_600_000, 60_000][UNITS[to].keeps] ?? MS_PER_DAY;
  const time = ms - number * MS_PER_DAY;
  return start + (time - (time % span));
}

/** RFC 3339 in UTC with milliseconds where there are any; undefined outside the years 0001 to 9999. */
export function instantText(ms: number): string | undefined {
  const { year, month, day } = dayOf(Math.floor(ms / MS_PER_DAY));
  if (!Number.isSafeInteger(ms) || year < 1 || year > 9999) return undefined;
  const time = modulo(ms, MS_PER_DAY);
  const clock = [time / 3_600_000, (time / 60_000) % 60, (time / 1000) % 60].map((each) =>
    digits(Math.floor(each), 2),
  );
  const fraction = time % 1000 === 0 ? "" : `.${digits(time % 1000, 3)}`;
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}T${clock.join(":")}${fraction}Z`;
}

/** Ms since 1970 of an RFC 3339 date-time with an offset, or of a date (its first ms in UTC); undefined for anything else. */
export function instantOf(text: string): number | undefined {
  const written = read(text);
  if (written === undefined) return undefined;
  const midnight = dayNumber(written) * MS_PER_DAY;
  const { time } = written;
  if (time === undefined) return midnight;
  if (time.second === undefined || time.offset === "") return undefined;
  const ms = Number((time.fraction ?? "").padEnd(3, "0").slice(0, 3));
  const local = midnight + ((time.hour * 60 + time.minute) * 60 + time.second) * 1000 + ms;
  return local - offsetMinutes(time.offset) * 60_000;
}

/** RFC 3339 `full-date`. */
export const isFullDate = (text: string): boolean => read(text) !== undefined && text.length === 10;

/** RFC 3339 `date-time`: seconds and an offset are there. */
export const isDateTime = (text: string): boolean => text.length > 10 && instantOf(text) !== undefined;

function read(text: string): WrittenDate | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, mark, hour, minute, second, fraction, offset = ""] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  if (!isOfCalendar(date)) return undefined;
  if (mark === undefined) return { ...date, time: undefined };
  const time = {
    mark,
    hour: Number(hour),
    minute: Number(minute),
    second: second === undefined ? undefined : Number(second),
    fraction,
    offset,
  };
  return isOfClock(time) ? { ...date, time } : undefined;
}

/** A date that the Gregorian calendar has comes back from its number as it was. There is no year 0, and 0001-01-01 is a Monday. */
function isOfCalendar(date: Day): boolean {
  if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) return false;
  const same = dayOf(dayNumber(date));
  return same.month === date.month && same.day === date.day;
}

/** RFC 3339 §5.7: a second of 60 is a leap second. */
function isOfClock({ hour, minute, second = 0, offset }: WrittenTime): boolean {
  const [offsetHour = 0, offsetMinute = 0] = /^[+-]/.test(offset)
    ? offset.slice(1).split(":").map(Number)
    : [];
  return hour <= 23 && minute <= 59 && second <= 60 && offsetHour <= 23 && offsetMinute <= 59;
}

function offsetMinutes(offset: string): number {
  if (!/^[+-]/.test(offset)) return 0;
  const [hour = 0, minute = 0] = offset.slice(1).split(":").map(Number);
  return (offset.startsWith("-") ? -1 : 1) * (hour * 60 + minute);
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March and eras of 400 years. */
function dayNumber({ year, month, day }: Day): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * modulo(month - 3, 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of `dayNumber`. */
function dayOf(number: number): Day {
  const sinceEra = number + 719_468;
  const era = Math.floor(sinceEra / 146_097);
  const dayOfEra = sinceEra - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1 };
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

const digits = (value: number, length: number): string => String(value).padStart(length, "0");
