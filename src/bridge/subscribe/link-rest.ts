import type { Agreement, AgreementStatus } from "../../kernel/agreement.ts";
import type { LinkPhase } from "../links/link-state.ts";

/** How often the publisher is asked whether a request was approved, or a suspension or a pause is over. */
export const ASK_MS = 1_000;
/** The same once the agreement's time is over, because our clock may be ahead of the publisher's, and while the link is paused here. */
export const ASK_SELDOM_MS = 30_000;

interface Rest {
  readonly phase: LinkPhase;
  /** When the publisher is asked again; undefined: never, because nothing leads out of that status. */
  readonly askMs: number | undefined;
}
/** Agreement status → what the link does while it is so. Not listed: it replicates. */
export const AT_REST: Partial<Record<AgreementStatus, Rest>> = {
  requested: { phase: "requested", askMs: ASK_MS },
  suspended: { phase: "stopped", askMs: ASK_MS },
  expired: { phase: "stopped", askMs: undefined },
  rejected: { phase: "stopped", askMs: undefined },
  revoked: { phase: "stopped", askMs: undefined },
};
/** Nothing leads out of that status. */
export const hasEnded = ({ status }: Agreement): boolean =>
  AT_REST[status] !== undefined && AT_REST[status].askMs === undefined;
