import { type Discrepancy, discrepancyAt } from "./discrepancy.ts";
import type { Fault } from "./frame-faults.ts";

/** So many discrepancies are listed of one chain; the others are counted. */
const LISTED_MAX = 100;

/** What does not fit in one chain, each once. */
export class Findings {
  readonly #listed = new Map<string, Discrepancy>();
  #unlisted = 0;

  static keyOf = ([name, { frame }]: Fault): string => `${name} ${frame}`;

  add(fault: Fault): void {
    const key = Findings.keyOf(fault);
    if (this.#listed.has(key)) return;
    const [name, { partition, frame, sequence }] = fault;
    if (this.#listed.size < LISTED_MAX)
      this.#listed.set(key, discrepancyAt(name, { partition, frame, sequence }));
    else this.#unlisted += 1;
  }

  /** In the order of the stream. */
  told(): { readonly discrepancies: readonly Discrepancy[]; readonly unlisted?: number } {
    const discrepancies = [...this.#listed.values()].sort((a, b) => a.sequence - b.sequence);
    return { discrepancies, ...(this.#unlisted > 0 && { unlisted: this.#unlisted }) };
  }
}
