import { MeshError } from "../../kernel/error.ts";

/**
 * Where a subscribing link stands:
 *
 *     requested ──approved by the publisher──▶ connecting ──publisher answers──▶ running
 *                                               ▲    │                            │
 *                                               │    └──────── fails ─────────────┤
 *                                               └──after a back-off── waiting ◀───┘   (code says why)
 *     any ──agreement ends, or only a person can mend it──▶ stopped   (code says why; looked at again now and then)
 *     connecting ──other processes have all partitions──▶ standby ──one of them goes──▶ connecting
 *     any ──paused, here or by the publisher──▶ paused ──resumed──▶ connecting
 */
export type LinkPhase = "requested" | "connecting" | "running" | "waiting" | "stopped" | "paused" | "standby";

export interface LinkState {
  readonly phase: LinkPhase;
  /** ErrorCode of the last failure, or the agreement's status; "" when there was none. */
  readonly code: string;
  /** A full sentence. */
  readonly detail: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Failures in a row. */
  readonly failures: number;
  /** The last thing that went wrong, also once it is over. */
  readonly last?: LinkFailure;
}

interface LinkFailure {
  /** ErrorCode. */
  readonly code: string;
  /** A full sentence. */
  readonly detail: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A link that ran this long was well: the next failure is the first again. */
const WELL_MS = 10_000;

/** The state after a failure: what only a person can mend stops the link, all else waits to be tried again. */
export function afterFailure(state: LinkState, error: unknown, now: number): LinkState {
  const fault = faultOf(error);
  const wasWell = state.phase === "running" && now - state.since > WELL_MS;
  return {
    phase: fault.row.retry === "never" ? "stopped" : "waiting",
    code: fault.code,
    detail: fault.message,
    since: now,
    failures: wasWell ? 1 : state.failures + 1,
    last: failureOf(fault, now),
  };
}

/** The same state, which has seen something go wrong that the link goes on after. */
export const withLast = (state: LinkState, error: unknown, now: number): LinkState => ({
  ...state,
  last: failureOf(faultOf(error), now),
});

const faultOf = (error: unknown): MeshError =>
  error instanceof MeshError
    ? error
    : new MeshError("INTERNAL", "A defect stopped the link.", { cause: error });

const failureOf = ({ code, message }: MeshError, now: number): LinkFailure => ({
  code,
  detail: message,
  at: now,
});

const FIRST_MS = 100;
const LONGEST_MS = 3_000;
/** What only a person can mend is looked at again now and then, so that the link goes on by itself once it is mended. */
const NEVER_MS = 30_000;

/**
 * Full jitter: a wait drawn evenly from zero to an exponentially growing bound, so that many links do not come back at once.
 * `random` is in [0, 1).
 */
export function backoffMs(failures: number, retry: "never" | "backoff", random: number): number {
  const bound =
    retry === "never" ? NEVER_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.ceil(random * bound);
}
