import type { ContractRef } from "./contract.ts";
import type { Reason } from "./reason.ts";

/** What `admit` says of a run of records of one partition: counts, pointers and coordinates, never values. */
export interface AdmissionSummary {
  /** Source offsets, both included. */
  readonly firstOffset: string;
  readonly lastOffset: string;
  /** Records read = permitted + denied. */
  readonly read: number;
  readonly permitted: number;
  readonly denied: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Tombstones among the permitted; absent in decisions from before they were counted. */
  readonly erasures?: number;
  /** Pointer → action → how often it was applied (`drop` counts what was there and did not leave). */
  readonly fields: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Rule (`contract`, `agreement`, `bundle/module`) → records it changed or denied. */
  readonly rules: Readonly<Record<string, number>>;
  /** At most `LIMITS.denialsListedMax`; `denied` counts all. */
  readonly denials: readonly { readonly offset: string; readonly reasons: readonly Reason[] }[];
  /** What bundles in shadow mode would have made of it; absent where there are none, or nothing was compared. */
  readonly shadow?: ShadowSummary;
}

/** How the plan with the shadow bundles differs from the one in force, on the same records. It had no effect. */
export interface ShadowSummary {
  /** Digest of the plan with the shadow bundles. */
  readonly plan: string;
  /** Records that both plans decided: not all where a link is fast. */
  readonly compared: number;
  /** Records that would have been denied besides. */
  readonly denied: number;
  /** Pointer → action → how often it would have been applied instead; at most `LIMITS.shadow.fieldsMax` pointers. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The decision on the records of one frame, as each side writes it. */
export interface FrameDecision {
  readonly kind: "frame";
  readonly side: "publisher" | "subscriber";
  /** RFC 3339. */
  readonly time: string;
  readonly agreement: string;
  /** Id of the replay that the frame is of; absent: the live stream. */
  readonly replay?: string;
  readonly contract: ContractRef;
  readonly plan: string;
  /** The other company. */
  readonly partner: string;
  readonly partition: number;
  /** Sequence of the frame's first record in the stream's partition; `count` records follow. */
  readonly sequence: number;
  readonly count: number;
  /** `sha-256:` and hex of the frame's signed header, of its body, and of the header of the frame before. */
  readonly frame: string;
  readonly body: string;
  readonly previous: string;
  /** Publisher only. */
  readonly summary?: AdmissionSummary;
  /** Subscriber only: tombstones that it stored, so that the publisher can see that an erasure arrived. */
  readonly erasures?: number;
}

/** Something a person or the gateway did or noticed that changes, or refuses, what flows. */
export interface ActDecision {
  readonly kind: "act";
  /** For example `agreement.approved`, `agreement.revoked`, `contract.accepted`, `access.refused`, `quota.alarm`. */
  readonly act: string;
  readonly time: string;
  /** Who did it: `operator`, a company URN, or `gateway`. */
  readonly actor: string;
  readonly partner?: string;
  readonly agreement?: string;
  /** Id of a replay. */
  readonly replay?: string;
  readonly contract?: string;
  /** Of a document that was accepted, or of where a chain begins anew. */
  readonly digest?: string;
  readonly partition?: number;
  /** An error or reason code. */
  readonly code?: string;
  /** Words of the operator, for example the reason of a revocation. Never payload. */
  readonly note?: string;
}

export type Decision = FrameDecision | ActDecision;
