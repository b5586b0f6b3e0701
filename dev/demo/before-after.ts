import type { Flow } from "./flow.ts";

/** Fields worth a look: pointer into the value, as a person reads it. */
const SHOWN = [
  "materialNumberSupplier",
  "materialNumberCustomer",
  "materialDescriptionCustomer",
  "changedAt",
  "plannerEmail",
  "targetPrice",
  "demandSeries.0.customerLocation",
  "demandSeries.0.demands.0.pointInTime",
  "demandSeries.0.demands.0.demand",
] as const;

export interface FieldPair {
  readonly field: string;
  /** JSON text; undefined: not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The newest record that arrived, next to what its company wrote; undefined while there is none. */
export function beforeAfter({ traffic, arrivals, feed }: Flow): readonly FieldPair[] | undefined {
  const record = arrivals.newest;
  const before = record && traffic.values.get(feed.markOf(record));
  if (before === undefined || record?.value == null) return undefined;
  const [source, replica]: unknown[] = [before, Buffer.from(record.value).toString("utf8")].map((text) =>
    JSON.parse(text),
  );
  return SHOWN.map((field) => ({ field, before: at(source, field), after: at(replica, field) }));
}

function at(value: unknown, path: string): string | undefined {
  const found = path
    .split(".")
    .reduce<unknown>(
      (inner, name) => (inner as Readonly<Record<string, unknown>> | undefined)?.[name],
      value,
    );
  return found === undefined ? undefined : JSON.stringify(found);
}
