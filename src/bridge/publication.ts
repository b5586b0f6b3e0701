import type { Agreement } from "../kernel/agreement.ts";
import type { ContractRef } from "../kernel/contract.ts";
import type { Route } from "../mesh/route.ts";

/** What a publisher serves under one agreement, as the registry stands now. */
export interface Publication {
  readonly agreement: Agreement;
  readonly contract: ContractRef;
  /** The source topic. */
  readonly topic: string;
  /** How long a subscriber's replica keeps records; undefined: as its cluster does. */
  readonly retentionMs: number | undefined;
  readonly route: Omit<Route, "topicId">;
}

/** Why nothing is served: the agreement's status, or a reason code. */
export interface Withheld {
  readonly withheld: true;
  readonly status: string;
  /** A full sentence. */
  readonly why: string;
}

/** Asked before each frame, so that what changes in the registry holds from the next frame on. */
export type CurrentPublication = () => Publication | Withheld;
