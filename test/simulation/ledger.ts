import type { Decision } from "../../src/kernel/decision.ts";
import type { Journal, JournalEntry } from "../../src/kernel/ports.ts";
import type { Call } from "../support/memory-cluster.ts";

/** One company's audit topic: what is durable there. */
export class Ledger {
  readonly decisions: Decision[] = [];
  /** Digests of the frames decided on. */
  readonly frames = new Set<string>();
  /** The same by what a frame's header says of itself. */
  readonly places = new Set<string>();

  /** As a process reaches it. */
  journal(call: Call): Pick<Journal, "append"> {
    return {
      append: async (_, entries) => await call("append to the journal", () => this.#store(entries)),
    };
  }

  #store(entries: readonly JournalEntry[]): void {
    for (const { value } of entries) {
      const { data } = JSON.parse(Buffer.from(value ?? []).toString()) as { readonly data: Decision };
      this.decisions.push(data);
      if (data.kind !== "frame") continue;
      this.frames.add(data.frame);
      this.places.add(placeOf(data));
    }
  }

  /** Partition → code of the last halt that was written down. */
  halts(): ReadonlyMap<number, string> {
    return new Map(
      this.decisions.flatMap((decision) =>
        decision.kind === "act" && decision.act === "link.halted" && decision.partition !== undefined
          ? [[decision.partition, decision.code ?? ""]]
          : [],
      ),
    );
  }
}

interface Place {
  readonly partition: number;
  readonly sequence: number;
  readonly count: number;
  readonly body: string;
  readonly previous: string;
}

export const placeOf = ({ partition, sequence, count, body, previous }: Place): string =>
  `${partition} ${sequence} ${count} ${body} ${previous}`;
