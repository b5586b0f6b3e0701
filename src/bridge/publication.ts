import type { Agreement } from "../kernel/agreement.ts";
import type { ContractRef } from "../kernel/contract.ts";
import type { Route } from "../mesh/route.ts";
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
