import { Buffer } from "node:buffer";
import { createSecretKey } from "node:crypto";
import { sha256 } from "../kernel/digest.ts";
import type { FieldKeys, OpaqueKeys } from "../kernel/ports.ts";
import { opaqueKeys, pseudonymKeys } from "../tenants/derived-keys.ts";
import { fieldSealer } from "../tenants/sealed-field.ts";

/**
 * The keys of nobody, the same on every machine: for contracts' cases, which say what comes out, and for folders without
 * keys. Never for what leaves a company. Cases hold pseudonyms made with them: another derivation breaks everybody's cases.
 */
export function sampleKeys(): FieldKeys & { readonly opaque: OpaqueKeys } {
  const master = (use: string) => createSecretKey(sha256(Buffer.from(`tiermesh sample ${use}`)));
  return {
    pseudonyms: pseudonymKeys(master("pseudonyms"), 1),
    sealer: fieldSealer(master("opaque")),
    opaque: opaqueKeys(master("opaque")),
  };
}
