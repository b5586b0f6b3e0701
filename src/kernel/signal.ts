/**
 * Everything that the gateway reports about itself: name → how it is told. `line` writes one JSON line, `count` only adds to
 * a counter. A signal holds names, codes and numbers; there is no member that could hold payload.
 */
export const SIGNALS = {
  "gateway.started": "line",
  "gateway.waiting": "line",
  "gateway.failed": "line",
  "gateway.stopped": "line",
  "registry.entry.accepted": "line",
  "registry.entry.refused": "line",
  "audit.entry.refused": "line",
  "access.refused": "line",
  "link.state.changed": "line",
  "link.frame.sent": "count",
  "link.frame.committed": "count",
  "link.records.sent": "count",
  "link.bytes.sent": "count",
  "link.records.denied": "count",
  "link.records.committed": "count",
  "link.bytes.committed": "count",
  "link.records.shadow.compared": "count",
  "link.records.shadow.denied": "count",
  "policy.shadow.differs": "line",
  "quota.alarm": "line",
} as const satisfies Record<string, "line" | "count">;

export type SignalName = keyof typeof SIGNALS;

export interface Signal {
  readonly name: SignalName;
  /** Company URN of the other side. */
  readonly partner?: string;
  /** Agreement id, or the name of a replay's chain. */
  readonly agreement?: string;
  readonly state?: string;
  /** An error or reason code. */
  readonly code?: string;
  /** A full sentence about the case, never payload. */
  readonly detail?: string;
  /** What to add to the counter; 1 when absent. */
  readonly count?: number;
}

/** Never fails and never waits. */
export type Emit = (signal: Signal) => void;
