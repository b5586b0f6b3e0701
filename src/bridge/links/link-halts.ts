import { type ErrorCode, MeshError } from "../../kernel/error.ts";

/** A partition of a running link that does not go on. */
export interface Halt {
  readonly partition: number;
  readonly code: ErrorCode;
  /** A full sentence. */
  readonly detail: string;
  /** Which side could not go on: the publisher's source, or the subscriber's gateway or Kafka, whoever writes into it. */
  readonly side: "publisher" | "subscriber";
  /** Ms since 1970: since when it halts for that reason. */
  readonly since: number;
}

/** What a session is to be opened without. */
interface LeftOut {
  readonly partitions: ReadonlySet<number>;
  /** Ms until the first of them is to be tried again; 0: there are none. */
  readonly forMs: number;
}

interface Known {
  readonly halt: Halt;
  readonly tries: number;
  readonly heardAt: number;
  /** Ms from then on, for which sessions are opened without it; 0: each session tries it. */
  readonly outMs: number;
}

const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;
/** A partition that was tried again and not heard of for so long goes on. */
const WELL_MS = 10_000;
const NONE: ReadonlySet<number> = new Set();

/** The partition whose batch the target refused for what it is; undefined: the failure is about more. */
export function refusedPartition(error: unknown): number | undefined {
  const partition = error instanceof MeshError ? error.context.refusedPartition : undefined;
  return typeof partition === "number" ? partition : undefined;
}

/** The partitions of a link that halted, over all of its sessions, and when each is tried again. */
export class LinkHalts {
  readonly #known = new Map<number, Known>();
  /** When the session under way was opened, and without which. */
  #openedAt = 0;
  #without = NONE;

  /**
   * A partition halted: how long to wait before the link is opened anew to try it again, ms. What time may mend is tried after
   * 10 s, and then each time after twice as long, up to 5 minutes; what only a person can mend, every 5 minutes. Where the
   * target refused its batch, sessions are opened without it until then.
   */
  note(partition: number, error: MeshError, now: number): number {
    const before = this.#known.get(partition);
    const isSame = before?.halt.code === error.code;
    const tries = isSame ? before.tries + 1 : 1;
    const since = isSame ? before.halt.since : now;
    const side = error.context.side === "publisher" ? "publisher" : "subscriber";
    const halt: Halt = { partition, code: error.code, detail: error.message, side, since };
    const isForPeople = error.row.retry === "never";
    const pauseMs = isForPeople ? LONGEST_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 10));
    const outMs = refusedPartition(error) === undefined ? 0 : pauseMs;
    this.#known.set(partition, { halt, tries, heardAt: now, outMs });
    return pauseMs;
  }

  /** What a session that begins now is to be opened without. */
  leftOut(now: number): LeftOut {
    // A clock that was set back must leave nothing out for longer.
    const out = [...this.#known].flatMap(([partition, { heardAt, outMs }]) =>
      now >= heardAt && now < heardAt + outMs ? [[partition, heardAt + outMs - now] as const] : [],
    );
    if (out.length === 0) return { partitions: NONE, forMs: 0 };
    return {
      partitions: new Set(out.map(([partition]) => partition)),
      forMs: Math.min(...out.map(([, ms]) => ms)),
    };
  }

  /** The next session tries every partition. */
  tryAll(): void {
    for (const [partition, known] of this.#known) this.#known.set(partition, { ...known, outMs: 0 });
  }

  /** The link was opened anew: every partition is tried again, but for those that the session is opened without. */
  opened(now: number, without = NONE): void {
    this.#forgetWell(now);
    this.#openedAt = now;
    this.#without = without;
  }

  /** Those that halt, in the order of their partitions. */
  all(now: number): readonly Halt[] {
    this.#forgetWell(now);
    return [...this.#known.values()].map(({ halt }) => halt).sort((a, b) => a.partition - b.partition);
  }

  #forgetWell(now: number): void {
    for (const [partition, { heardAt }] of this.#known) {
      const isTried = heardAt < this.#openedAt && !this.#without.has(partition);
      if (isTried && now - this.#openedAt > WELL_MS) this.#known.delete(partition);
    }
  }
}
