import type { Json } from "./json.ts";

/** What may be done with a field, as FILES and contracts write it under `mesh.action`. */
export type FieldAction =
  | { readonly action: "share" }
  | { readonly action: "round"; readonly multiple: number; readonly mode: RoundingMode }
  | { readonly action: "band"; readonly edges: readonly number[] }
  | { readonly action: "truncate-date"; readonly to: DateUnit }
  | { readonly action: "coarsen-geo"; readonly decimals: number }
  /** `shortest`: values of fewer characters become null; at least `length`. */
  | { readonly action: "prefix"; readonly length: number; readonly shortest?: number }
  /** `shortest`: values of fewer characters are masked wholly; at least twice what is kept. */
  | {
      readonly action: "mask";
      readonly keepFirst: number;
      readonly keepLast: number;
      readonly with: string;
      readonly shortest?: number;
    }
  | { readonly action: "encrypt"; readonly keyRole: string }
  | { readonly action: "pseudonymize"; readonly domain?: string; readonly length?: number }
  | { readonly action: "constant"; readonly value: Json }
  | { readonly action: "null" }
  | { readonly action: "drop" };

export type ActionName = FieldAction["action"];
export type RoundingMode = "half-even" | "half-up" | "floor" | "ceil";
export type DateUnit = "year" | "quarter" | "month" | "iso-week" | "day" | "hour" | "minute";

/** Strictness, weakest first; actions of one rank stand in one row (file formats, "Strictness"). */
export const STRICTNESS: readonly (readonly ActionName[])[] = [
  ["share"],
  ["round", "band", "truncate-date", "coarsen-geo", "prefix"],
  ["mask"],
  ["encrypt"],
  ["pseudonymize"],
  ["constant"],
  ["null"],
  ["drop"],
];
