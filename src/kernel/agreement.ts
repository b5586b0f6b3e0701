import type { FieldAction } from "./action.ts";
import type { Delivery } from "./delivery.ts";
import type { Quota } from "./quota.ts";

/** requested → approved → active → suspended / revoked / expired. */
export const AGREEMENT_STATUSES = [
  "requested",
  "approved",
  "rejected",
  "active",
  "suspended",
  "revoked",
  "expired",
] as const;
export type AgreementStatus = (typeof AGREEMENT_STATUSES)[number];

/** States in which an agreement has, or may yet get, a stream. */
export const LIVE_STATES: ReadonlySet<AgreementStatus> = new Set([
  "requested",
  "approved",
  "active",
  "suspended",
]);

/** This contract, by digest, for this partner and purpose, from and until; in force only when both have signed. */
export interface Agreement {
  /** UUID. */
  readonly id: string;
  readonly status: AgreementStatus;
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly purpose: string;
  readonly usage: string | undefined;
  /** Company URN of the publisher. */
  readonly provider: string;
  /** Company URN of the subscriber. */
  readonly consumer: string;
  readonly contractName: string;
  readonly contractVersion: string;
  readonly contractDigest: string;
  /** `mesh.narrow`: pointer → action; can only take away. */
  readonly narrow: ReadonlyMap<string, FieldAction>;
  /** `mesh.parameters`: values for `agreement.parameters.*`. */
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
  readonly quota: Pick<Quota, "recordsPerSecond" | "bytesPerSecond"> | undefined;
  /** `mesh.start`. */
  readonly start: { readonly at: "earliest" | "latest" } | { readonly at: "time"; readonly time: number };
  /** `mesh.delivery`. */
  readonly delivery: Delivery;
  readonly signatures: readonly AgreementSignature[];
}

/** Detached JWS (RFC 7515, appendix F) over the RFC 8785 form of the agreement without status and signatures. */
export interface AgreementSignature {
  readonly company: string;
  readonly kid: string;
  readonly signedAt: string;
  readonly jws: string;
}
