import { setImmediate } from "node:timers/promises";
import type { Decision } from "../kernel/decision.ts";
import { MeshError } from "../kernel/error.ts";
import type { DecisionLog, Journal, JournalEntry } from "../kernel/ports.ts";
import { encodeDecision } from "./decision-codec.ts";

/** One caller's decisions, and how to tell it. */
interface Waiting {
  readonly entries: readonly JournalEntry[];
  stands(): boolean;
  resolve(): void;
  reject(cause: MeshError): void;
}

/** Entries written with one append, so that the largest group stays below a broker's request limit. */
const GROUP_BYTES_MAX = 512 * 1024;

const bytesOf = ({ entries }: Waiting): number =>
  entries.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0);

/** Takes callers off the front as far as they fit; the first always does. */
function takeGroup(waiting: Waiting[]): Waiting[] {
  let bytes = 0;
  const end = waiting.findIndex((caller, index) => {
    bytes += bytesOf(caller);
    return index > 0 && bytes > GROUP_BYTES_MAX;
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

/**
 * Decisions in a topic of the company's own Kafka. Callers that come while a write is under way share the next one (group
 * commit), in the order in which they came. Nothing is ever dropped: a caller waits, or gets AUDIT_UNAVAILABLE and must not
 * let its records leave. An append that failed may still have been stored: reconciliation folds what stands twice. `turn`
 * resolves when what is at hand in the event loop is done.
 */
export function journalDecisionLog(
  journal: Journal,
  topic: string,
  company: string,
  turn: () => Promise<void> = setImmediate,
): DecisionLog {
  const waiting: Waiting[] = [];
  let writing = false;

  async function writeGroup(taken: readonly Waiting[]): Promise<void> {
    const { group = [], late = [] } = Object.groupBy(taken, (caller) => (caller.stands() ? "group" : "late"));
    for (const caller of late)
      caller.reject(
        new MeshError("LINK_REBALANCED", "Others have the partitions by now: nothing was decided."),
      );
    if (group.length === 0) return;
    try {
      await journal.append(
        topic,
        group.flatMap(({ entries }) => entries),
      );
    } catch (cause) {
      const detail = `The audit topic ${topic} did not take a decision, so the records it is about stay.`;
      const error = new MeshError("AUDIT_UNAVAILABLE", detail, { context: { topic }, cause });
      // Whoever came behind decided on top of what is not there now: a log with the later alone would be out of order.
      for (const caller of [...group, ...waiting.splice(0)]) caller.reject(error);
      return;
    }
    for (const caller of group) caller.resolve();
  }

  async function writeWaiting(): Promise<void> {
    if (writing) return;
    writing = true;
    // What one answer of a source leads to is decided in one turn of the event loop, and shares a write as well.
    await turn();
    while (waiting.length > 0) await writeGroup(takeGroup(waiting));
    writing = false;
  }

  return {
    append(decisions, stands = () => true) {
      if (decisions.length === 0) return Promise.resolve();
      const entries = decisions.map((decision: Decision) => encodeDecision(decision, company));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push({ entries, stands, resolve, reject });
      void writeWaiting();
      return promise;
    },
  };
}
