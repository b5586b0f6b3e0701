import type { DateUnit, FieldAction } from "../kernel/action.ts";

/** Unit → the day on which a span may begin, the hour, the minute. */
const STARTS: Readonly<Record<DateUnit, readonly [day: string, hour: string, minute: string]>> = {
  year: ["01-01", "00", "00"],
  quarter: ["(?:01|04|07|10)-01", "00", "00"],
  month: ["[0-9]{2}-01", "00", "00"],
  "iso-week": ["[0-9]{2}-[0-9]{2}", "00", "00"],
  day: ["[0-9]{2}-[0-9]{2}", "00", "00"],
  hour: ["[0-9]{2}-[0-9]{2}", "[0-9]{2}", "00"],
  minute: ["[0-9]{2}-[0-9]{2}", "[0-9]{2}", "[0-9]{2}"],
};

/** Regular expression (ECMA-262) of what `truncateDate` makes: a date or a date-time at the start of its span. */
export function spanPattern(to: DateUnit): string {
  const [day, hour, minute] = STARTS[to];
  const time = `[Tt]${hour}:${minute}(?::00(?:\\.0{1,32})?)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?`;
  return `^[0-9]{4}-${day}(?:${time})?$`;
}

/** Regular expression of what `mask` makes: all masked, or the ends kept where they are at most half of it. */
export function maskPattern({
  keepFirst,
  keepLast,
  with: filler,
}: Extract<FieldAction, { readonly action: "mask" }>): string {
  const hidden = filler.replace(/[\^$\\.*+?()[\]{}|/]/, "\\$&");
  const kept = keepFirst + keepLast;
  if (kept === 0) return `^${hidden}*$`;
  const any = "[\\s\\S]";
  return `^(?:${hidden}*|${any}{${keepFirst}}${hidden}{${kept},}${any}{${keepLast}})$`;
}
