import { LIMITS } from "../kernel/limits.ts";
import type { SourcePosition } from "../kernel/ports.ts";
import type { Admit, Admitted } from "./admit.ts";

/** What was decided on the part of a run that ends before `next`. */
export interface AdmittedPart {
  readonly next: SourcePosition;
  readonly admitted: Admitted;
}

/**
 * Decides a run in parts of which each fits into a frame: nearly always in one. What does not fit is decided again in halves, because
 * only the outcome shows how much larger than its source it is; a record that does not fit alone is denied. Throws what `admit` throws.
 */
export function admitParts(
  admit: Admit,
  ...[batch, route, sequence, now]: Parameters<Admit>
): readonly AdmittedPart[] {
  const { from, next } = batch;
  const admitted = admit(batch, route, sequence, now);
  if (fits(admitted)) return [{ next, admitted }];
  const half = (next.offset - from.offset) / 2n;
  if (half === 0n) return [{ next, admitted: refused(admitted) }];
  // The later epoch is the safe one: a log that was not cut holds this offset in it or before it.
  const middle = { ...next, offset: from.offset + half };
  const first = admitParts(admit, { ...batch, next: middle }, route, sequence, now);
  const after = sequence + countOf(first);
  return [...first, ...admitParts(admit, { ...batch, from: middle }, route, after, now)];
}

/** Records that leave. */
export const countOf = (parts: readonly AdmittedPart[]): number =>
  parts.reduce((sum, { admitted }) => sum + admitted.count, 0);

/** Packed, as it travels and is stored; plain, as its reader unpacks it. */
const fits = ({ body, summary }: Admitted): boolean =>
  (body?.length ?? 0) <= LIMITS.frameBodyBytesMax && summary.bytesOut <= LIMITS.framePlainBytesMax;

/** The decision on one record, turned into a denial. */
const refused = ({ summary }: Admitted): Admitted => ({
  body: undefined,
  count: 0,
  summary: {
    ...summary,
    permitted: 0,
    denied: 1,
    bytesOut: 0,
    fields: {},
    rules: {},
    denials: [{ offset: summary.firstOffset, reasons: [{ code: "RECORD_TOO_LARGE" }] }],
  },
});
