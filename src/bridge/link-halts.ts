import type { ErrorCode, MeshError } from "../kernel/error.ts";

/** A partition of a running link that does not go on. */
export interface Halt {
  readonly partition: number;
  readonly code: ErrorCode;
  /** A full sentence. */
  readonly detail: string;
  /** Which side could not go on. */
  readonly side: "publisher" | "subscriber";
  /** Ms since 1970: since when it halts for that reason. */
  readonly since: number;
}

const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;
/** A partition that was tried again and not heard of for so long goes on. */
const WELL_MS = 10_000;

/** The partitions of a link that halted, over all of its sessions, and when each is tried again. */
export class LinkHalts {
  readonly #known = new Map<
    number,
    { readonly halt: Halt; readonly tries: number; readonly heardAt: number }
  >();
  /** When the session under way was opened. */
  #openedAt = 0;

  /**
   * A partition halted: how long to wait before the link is opened anew to try it again, ms. What time may mend is tried after
   * 10 s, and then each time after twice as long, up to 5 minutes; what only a person can mend, every 5 minutes.
   */
  note(partition: number, error: MeshError, now: number): number {
    const before = this.#known.get(partition);
    const isSame = before?.halt.code === error.code;
    const tries = isSame ? before.tries + 1 : 1;
    const since = isSame ? before.halt.since : now;
    const side = error.context.side === "publisher" ? "publisher" : "subscriber";
    const halt: Halt = { partition, code: error.code, detail: error.message, side, since };
    this.#known.set(partition, { halt, tries, heardAt: now });
    const isForPeople = error.row.retry === "never";
    return isForPeople ? LONGEST_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 10));
  }

  /** The link was opened anew: every partition is tried again. */
  opened(now: number): void {
    this.#forgetWell(now);
    this.#openedAt = now;
  }

  /** Those that halt, in the order of their partitions. */
  all(now: number): readonly Halt[] {
    this.#forgetWell(now);
    return [...this.#known.values()].map(({ halt }) => halt).sort((a, b) => a.partition - b.partition);
  }

  #forgetWell(now: number): void {
    for (const [partition, { heardAt }] of this.#known)
      if (heardAt < this.#openedAt && now - this.#openedAt > WELL_MS) this.#known.delete(partition);
  }
}
