import type { ActDecision } from "../../kernel/decision.ts";
import { MeshError } from "../../kernel/error.ts";
import type { Clock, DecisionLog } from "../../kernel/ports.ts";
import { haltDecision } from "../publish/stream.ts";
import { type Halt, LinkHalts, refusedPartition } from "./link-halts.ts";

interface RetrialPorts {
  readonly clock: Clock;
  readonly decisions: DecisionLog;
}

/**
 * Has partitions of a link that halted tried again in their time, by a session that is opened anew. Until then the others go
 * on: beside it where its source can't be read, and in sessions without it where the target refused its batch, because such
 * a batch takes the transaction that it is part of with it.
 */
export class Retrials {
  readonly #ports: RetrialPorts;
  readonly #halts = new LinkHalts();

  constructor(ports: RetrialPorts) {
    this.#ports = ports;
  }

  /** Partitions that don't go on while the others do. */
  get all(): readonly Halt[] {
    return this.#halts.all(this.#ports.clock.now());
  }

  /** A session begins: what it is to be opened without. It is aborted when that is to be tried again, unless it is `over`. */
  begin(session: AbortController, over: AbortSignal): ReadonlySet<number> {
    const { partitions, forMs } = this.#halts.leftOut(this.#ports.clock.now());
    if (partitions.size > 0) this.#abortIn(forMs, session, over);
    return partitions;
  }

  /** The session runs, and tries all but these. */
  opened(without: ReadonlySet<number>): void {
    this.#halts.opened(this.#ports.clock.now(), without);
  }

  /** A partition ended, and its session goes on without it. */
  halted(partition: number, error: MeshError, session: AbortController, over: AbortSignal): void {
    this.#abortIn(this.#halts.note(partition, error, this.#ports.clock.now()), session, over);
  }

  /**
   * A session failed: whether the next one is to be opened at once, without the partition whose batch the target refused, which
   * is written down. False when it was about something else, when the partition was to be left out and could not be, and when
   * none of the link's `partitions` is left. Throws AUDIT_UNAVAILABLE.
   */
  async goesOn(
    error: unknown,
    partitions: readonly number[],
    about: Pick<ActDecision, "partner" | "agreement" | "replay">,
  ): Promise<boolean> {
    const refused = refusedPartition(error);
    if (refused === undefined || !(error instanceof MeshError)) return false;
    const now = this.#ports.clock.now();
    const out = this.#halts.leftOut(now).partitions;
    const isAnyLeft = partitions.some((partition) => partition !== refused && !out.has(partition));
    if (out.has(refused) || !isAnyLeft) return false;
    await this.#ports.decisions.append([haltDecision(refused, error, about, now)]);
    this.#halts.note(refused, error, now);
    return true;
  }

  /** The next session tries every partition. */
  tryAll(): void {
    this.#halts.tryAll();
  }

  #abortIn(ms: number, session: AbortController, over: AbortSignal): void {
    void this.#ports.clock.sleep(ms, AbortSignal.any([over, session.signal])).then(() => {
      if (!over.aborted) session.abort();
    });
  }
}
