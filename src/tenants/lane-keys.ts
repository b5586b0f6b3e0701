import type { KeyObject } from "node:crypto";
import type { FieldKeys, OpaqueKeys } from "../kernel/ports.ts";
import { opaqueKeys, pseudonymKeys } from "./derived-keys.ts";
import { fieldSealer } from "./sealed-field.ts";

/** What a thread that decides on records derives its keys from. It is handed to threads of this process and to nobody else. */
export interface LaneSecrets {
  readonly pseudonymMaster: KeyObject;
  readonly pseudonymEpoch: number;
  readonly opaqueMaster: KeyObject;
}

/** The keys that deciding on a record needs, the same in every thread. */
export const laneKeys = ({
  pseudonymMaster,
  pseudonymEpoch,
  opaqueMaster,
}: LaneSecrets): { readonly fields: FieldKeys; readonly opaque: OpaqueKeys } => ({
  fields: {
    pseudonyms: pseudonymKeys(pseudonymMaster, pseudonymEpoch),
    // The same master by another derivation: folders that were made without a key for this go on working.
    sealer: fieldSealer(opaqueMaster),
  },
  opaque: opaqueKeys(opaqueMaster),
});
