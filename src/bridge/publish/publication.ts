import { AGREEMENT_STATUSES, type Agreement } from "../../kernel/agreement.ts";
import { chainName } from "../../kernel/chain.ts";
import type { ContractRef } from "../../kernel/contract.ts";
import type { ErrorCode } from "../../kernel/error.ts";
import { MeshError } from "../../kernel/error.ts";
import type { Route } from "../../mesh/route.ts";
import type { RecordsHeader } from "../frames/frame.ts";
import type { QuotaMeter } from "./quota-meter.ts";
import type { Shadow } from "./shadow.ts";

/** What a publisher serves under one agreement, as the registry stands now. */
export interface Publication {
  readonly agreement: Agreement;
  readonly contract: ContractRef;
  /** The source topic. */
  readonly topic: string;
  /** How long a subscriber's replica keeps records; undefined: as its cluster does. */
  readonly retentionMs: number | undefined;
  readonly route: Omit<Route, "topicId">;
  /** Of the agreement, whatever connection it is served over. */
  readonly meter: QuotaMeter;
  /** Undefined: no bundle is in shadow mode. */
  readonly shadow: Shadow | undefined;
  /** Absent: the live stream. */
  readonly replay?: ReplayRun;
}

/** A finite run of a stream, beside the live one. */
export interface ReplayRun {
  /** UUID. */
  readonly id: string;
  /** Partition → the offset before which it ends. No other partition is read. */
  readonly ends: ReadonlyMap<number, bigint>;
}

/** What the chain of a publication's frames is called. */
export const chainOf = ({ agreement, replay }: Pick<Publication, "agreement" | "replay">): string =>
  chainName(agreement.id, replay?.id);

/** What keeps a stream back: its agreement's status, or what else is said in its place. */
export const WITHHOLDING = [...AGREEMENT_STATUSES, "paused", "unsigned", "denied", "unknown", ""] as const;

/** Why nothing is served. */
export interface Withheld {
  readonly withheld: true;
  readonly status: (typeof WITHHOLDING)[number];
  /** A full sentence. */
  readonly why: string;
  /** Absent: AGREEMENT_NOT_IN_FORCE. */
  readonly code?: ErrorCode;
}

/** Asked before each frame, so that what changes in the registry holds from the next frame on. */
export type CurrentPublication = () => Publication | Withheld;

/** The publication, or AGREEMENT_NOT_IN_FORCE or LINK_PAUSED with the agreement's status in its context. */
export function inForce(current: CurrentPublication): Publication {
  const publication = current();
  if ("withheld" in publication)
    throw new MeshError(publication.code ?? "AGREEMENT_NOT_IN_FORCE", publication.why, {
      context: { status: publication.status },
    });
  return publication;
}

/** Throws STREAM_CHANGED when a frame holds records that another plan decided than the one in force: they are decided anew. */
export function stillDecides(
  { route }: Publication,
  { count, plan }: Pick<RecordsHeader, "count" | "plan">,
): void {
  if (count > 0 && plan !== route.plan.digest)
    throw new MeshError("STREAM_CHANGED", "Policy has changed: what has not left yet is decided anew.");
}
