import { storedDecisions } from "../../src/audit/stored-decisions.ts";
import { kafkaJournal } from "../../src/kafka/journal.ts";
import type { ActDecision, Decision, FrameDecision } from "../../src/kernel/decision.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";

const AUDIT_TOPIC = "_tiermesh.audit";

/** What a publisher decided about one stream, so far. */
export interface Tally {
  /** Pointer and action, for example `/supplier pseudonymize` → how often. */
  readonly changed: Map<string, number>;
  /** Partition and offset of each denied record → code of the first reason: a frame that was cut and sent anew counts once. */
  readonly denied: Map<string, string>;
}

/** Follows a company's audit topic. */
export class Ledger {
  readonly company: string;
  readonly acts: ActDecision[] = [];
  readonly #tallies = new Map<string, Tally>();
  readonly #settings: KafkaSettings;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  /** `company` is its URN. */
  constructor(company: string, settings: KafkaSettings) {
    this.company = company;
    this.#settings = settings;
  }

  start(onFailure: (error: unknown) => void): void {
    this.#done = this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) onFailure(error);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  tally(agreement: string): Tally {
    const tally = this.#tallies.get(agreement) ?? { changed: new Map(), denied: new Map() };
    this.#tallies.set(agreement, tally);
    return tally;
  }

  /** Waits for an act. Throws when it did not come in time. */
  async act(holds: (act: ActDecision) => boolean, patienceMs: number): Promise<ActDecision> {
    for (const end = Date.now() + patienceMs; Date.now() < end; ) {
      const found = this.acts.find(holds);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`The audit log of ${this.company} does not hold the act that was waited for.`);
  }

  async #run(): Promise<void> {
    const journal = kafkaJournal(this.#settings);
    try {
      const entries = journal.read(AUDIT_TOPIC, { follow: true, signal: this.#stop.signal });
      const faulty = () => {
        throw new Error(`The audit topic of ${this.company} holds what is no decision.`);
      };
      for await (const decision of storedDecisions(entries, this.company, faulty)) this.#take(decision);
    } finally {
      journal.close();
    }
  }

  #take(decision: Decision): void {
    if (decision.kind === "act") this.acts.push(decision);
    else if (decision.side === "publisher") this.#takeFrame(decision);
  }

  #takeFrame({ agreement, partition, summary }: FrameDecision): void {
    const { changed, denied } = this.tally(agreement);
    for (const [pointer, actions] of Object.entries(summary?.fields ?? {}))
      for (const [action, times] of Object.entries(actions)) {
        if (action === "share") continue;
        const name = `${pointer} ${action}`;
        changed.set(name, (changed.get(name) ?? 0) + times);
      }
    for (const { offset, reasons } of summary?.denials ?? [])
      denied.set(`${partition}:${offset}`, reasons[0]?.code ?? "");
  }
}

/** How often each value stands there, the most frequent first. */
export function frequencies(values: Iterable<string>): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}
