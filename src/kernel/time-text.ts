const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * Ms since 1970 of a time as people write it: RFC 3339, or a date, which begins in UTC. Undefined: it is neither. A time that
 * does not say its offset would be another one on each machine.
 */
export function readTime(text: string): number | undefined {
  const day = TIME.exec(text)?.[1];
  const ms = day === undefined ? Number.NaN : Date.parse(text);
  // `Date.parse` takes the 31st of a shorter month for a day of the next one.
  const isDay = !Number.isNaN(ms) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(`${day}T`);
  return isDay ? ms : undefined;
}
