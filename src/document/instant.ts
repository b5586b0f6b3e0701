/** JSON Schema of a time: RFC 3339 without leap seconds, which no clock of ours shows. `Date.parse` reads every one of them. */
export const INSTANT = {
  type: "string",
  format: "date-time",
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
} as const;
