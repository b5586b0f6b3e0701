import type { Decision } from "../kernel/decision.ts";
import type { StoredEntry } from "../kernel/ports.ts";
import { decodeDecision, type EntryFault } from "./decision-codec.ts";

/** An entry of the audit topic that is not a decision of ours: by offset, so that somebody can look. */
export interface FaultyEntry extends EntryFault {
  readonly offset: bigint;
}

/**
 * The decisions of the audit topic in their order; what is none goes to `onFault`, so that nothing is passed over unseen. With an
 * agreement, entries under another key are not read: those of others.
 */
export async function* storedDecisions(
  entries: AsyncIterable<StoredEntry>,
  company: string,
  onFault: (entry: FaultyEntry) => void,
  agreement?: string,
): AsyncIterable<Decision> {
  for await (const entry of entries) {
    if (agreement !== undefined && entry.key !== agreement) continue;
    const decoded = decodeDecision(entry, company);
    if (decoded.ok) yield decoded.value;
    else onFault({ ...decoded.fault, offset: entry.offset });
  }
}
