import * as L from "./layout.ts";

/** Why a value is not the kernel's, for metrics and tests; the reasons that leave are the reference implementation's. */
export const FAULTS = {
  [L.FAULT_SYNTAX]: "syntax",
  [L.FAULT_ESCAPED_NAME]: "escaped name",
  [L.FAULT_DUPLICATE]: "duplicate name",
  [L.FAULT_DEPTH]: "depth",
  [L.FAULT_ARRAY]: "array length",
  [L.FAULT_NAMES]: "too many names",
  [L.FAULT_OUTPUT]: "no room for what leaves",
  [L.FAULT_TYPE]: "type",
  [L.FAULT_CHECK]: "schema",
  [L.FAULT_HOST]: "denied by a rule",
  [L.FAULT_NOTHING]: "nothing left",
  [L.FAULT_FOREIGN]: "a rule that is not the kernel's",
  [L.FAULT_REQUIRED]: "a required member",
  [L.FAULT_CONDITION]: "an escape where a condition looks",
  [L.FAULT_INPUT]: "too large",
} as const;

export type Fault = (typeof FAULTS)[keyof typeof FAULTS];

const BY_CODE: ReadonlyMap<number, Fault> = new Map(
  Object.entries(FAULTS).map(([code, name]) => [Number(code), name]),
);

/** The name of a fault; a code that is none is the kernel's own mistake, and so not its record. */
export const faultOf = (code: number): Fault => BY_CODE.get(code) ?? "syntax";
