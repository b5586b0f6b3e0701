import { MeshError } from "../../src/kernel/error.ts";
import type { TargetCursor } from "../../src/kernel/ports.ts";
import type { MemoryLog, Stretch } from "./memory-log.ts";

interface Open {
  readonly stretches: Stretch[];
  readonly logs: Set<MemoryLog>;
  readonly offsets: Map<string, TargetCursor>;
}

/** The transaction coordinator of a cluster in memory. */
export class MemoryTransactions {
  /** Transactional id → epoch of its living holder. */
  readonly #epochs = new Map<string, number>();
  readonly #open = new Map<string, Open>();
  /** `group topic partition` → what is committed. */
  readonly #cursors: Map<string, TargetCursor>;

  constructor(cursors: Map<string, TargetCursor>) {
    this.#cursors = cursors;
  }

  /** InitProducerId: aborts what the id has open and fences its holder. The new epoch. */
  begin(id: string): number {
    const epoch = (this.#epochs.get(id) ?? 0) + 1;
    this.#epochs.set(id, epoch);
    this.#finish(id, "aborted");
    return epoch;
  }

  /** Produce. Throws LINK_FENCED. */
  append(id: string, epoch: number, log: MemoryLog, batch: Uint8Array, count: number): void {
    const { stretches, logs } = this.#under(id, epoch);
    logs.add(log);
    stretches.push(log.append(batch, count, "open"));
  }

  /** TxnOffsetCommit. Throws LINK_FENCED. */
  addOffset(id: string, epoch: number, key: string, cursor: TargetCursor): void {
    this.#under(id, epoch).offsets.set(key, cursor);
  }

  /** EndTxn. Throws LINK_FENCED. */
  end(id: string, epoch: number, outcome: "committed" | "aborted"): void {
    this.#under(id, epoch);
    this.#finish(id, outcome);
  }

  /** A topic was deleted: so are the offsets that transactions under way have of it. */
  forget(topic: string): void {
    for (const { offsets } of this.#open.values())
      for (const key of offsets.keys()) if (key.split(" ")[1] === topic) offsets.delete(key);
  }

  #under(id: string, epoch: number): Open {
    if (this.#epochs.get(id) !== epoch)
      throw new MeshError("LINK_FENCED", "Another holder of the transactional id took over.");
    const open = this.#open.get(id) ?? { stretches: [], logs: new Set(), offsets: new Map() };
    this.#open.set(id, open);
    return open;
  }

  #finish(id: string, outcome: "committed" | "aborted"): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    for (const stretch of open.stretches) stretch.state = outcome;
    // Each partition gets a marker.
    for (const log of open.logs) log.skip(1);
    if (outcome === "committed") for (const [key, cursor] of open.offsets) this.#cursors.set(key, cursor);
  }
}
