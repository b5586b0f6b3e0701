import type { Json } from "./json.ts";

/** Information security's file: modules with settings, for all contracts of the company. */
export interface PolicyBundle {
  readonly name: string;
  readonly version: string;
  /** `sha-256:` and hex over the RFC 8785 form of the file. */
  readonly digest: string;
  readonly direction: "outbound" | "inbound";
  /** `shadow`: decides beside the ones that are in force, reports what it would change, and changes nothing. */
  readonly mode: "enforced" | "shadow";
  readonly modules: readonly ModuleUse[];
}

export interface ModuleUse {
  /** Name in the module registry. */
  readonly use: string;
  /** All given must match; a module that selects nothing adds nothing. */
  readonly when: Selector;
  readonly with: Json;
  /** Where the file names the module; lines and columns from 1. For people: neither digests nor plans depend on it. */
  readonly declared?: { readonly file: string; readonly line: number; readonly column: number };
}

export interface Selector {
  /** Names or URNs. */
  readonly partners?: readonly string[];
  readonly groups?: readonly string[];
  readonly countries?: readonly string[];
  /** Contract names. */
  readonly contracts?: readonly string[];
  readonly purposes?: readonly string[];
}
