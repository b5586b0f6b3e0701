import { chainName } from "../../kernel/chain.ts";
import type { Decision } from "../../kernel/decision.ts";
import { ERRORS, type ErrorCode, MeshError } from "../../kernel/error.ts";
import type { Clock, ReplicaWrite, TargetCursor, TransactionalWriter } from "../../kernel/ports.ts";
import type { Emit } from "../../kernel/signal.ts";
import { refused } from "../frames/frame.ts";
import { type ReplicaChain, receivedDecision } from "../frames/replica-chain.ts";
import type { SoundFrame } from "../frames/sound-frame.ts";
import { WITHHOLDING } from "../publish/publication.ts";
import { haltDecision } from "../publish/stream.ts";
import { type Decided, TICK } from "../pump.ts";
import { Beginning } from "../share/beginning.ts";
import { areStale, standing } from "../standing.ts";
import type { Hearing } from "./hearing.ts";
import type { Subscription } from "./subscription.ts";

/** A publisher says something every second; after this long without a word the connection is taken for dead. */
const SILENCE_MS = 10_000;
/** The largest frame takes so long at 28 KB a second; a network that is slower, or a length that lies, ends the connection. */
const FRAME_MS = 300_000;

/** Is told how the link fares. */
export interface SubscriptionWatch {
  /** The publisher has answered. */
  running(): void;
  /** How far behind the publisher says that it is, ms. */
  behind(ms: number): void;
  /** Records that were received and wait for their commit. */
  uncommitted(records: number): void;
  /** A partition ended; the others go on. Whose side it was stands in the error's context. */
  halted(partition: number, error: MeshError): void;
}

export interface Incoming extends Decided {
  readonly writes: readonly ReplicaWrite[];
  /** Whose bodies are in the writes. */
  readonly frames: readonly SoundFrame[];
}

interface ReplicaPorts {
  readonly clock: Clock;
  readonly emit: Emit;
}

/** What is listened for: any byte, and whole frames. */
export interface Heard {
  readonly bytes: Hearing;
  readonly frames: Hearing;
}

/** A stream under way at its subscriber: one chain of frames for each partition. */
export class Replica {
  readonly #subscription: Subscription;
  /** Partitions that go on. */
  readonly #chains: Map<number, ReplicaChain>;
  readonly #ports: ReplicaPorts;
  readonly #watch: SubscriptionWatch;
  /** What is committed, or is going to be before anything that comes later, by partition. */
  readonly #cursors: Map<number, TargetCursor>;
  readonly #heard: Heard;
  /** Records that wait for their commit. */
  #taken = 0;
  readonly #beginning: Beginning;
  /** Zero: how old the cursors of an earlier process are is not known. */
  #committedAt = 0;
  #ended: MeshError | undefined;

  constructor(
    subscription: Subscription,
    chains: ReadonlyMap<number, ReplicaChain>,
    ports: ReplicaPorts,
    cursors: ReadonlyMap<number, TargetCursor>,
    watch: SubscriptionWatch,
    heard: Heard,
  ) {
    this.#cursors = new Map(cursors);
    this.#beginning = new Beginning(subscription, cursors);
    this.#subscription = subscription;
    this.#chains = new Map(chains);
    this.#ports = ports;
    this.#watch = watch;
    this.#heard = heard;
  }

  /** Partitions that have a cursor, or are going to before anything that comes later. */
  get places(): { has(partition: number): boolean } {
    return this.#cursors;
  }

  /** Why the publisher ended the stream; undefined: it goes on. */
  get ended(): MeshError | undefined {
    return this.#ended;
  }

  /**
   * Takes what is ready. What came with an agreement's end is not stored; after any other end it is, or else the last
   * records before it would come again and again.
   */
  admit(ready: readonly SoundFrame[] | typeof TICK): Incoming | undefined {
    const now = this.#ports.clock.now();
    if (ready === TICK) {
      if (this.#heard.bytes.silentMs() > SILENCE_MS || this.#heard.frames.silentMs() > FRAME_MS)
        throw new MeshError("PARTNER_UNREACHABLE", `The publisher was silent for ${SILENCE_MS / 1000} s.`);
      const isStale = areStale(this.#committedAt, now) && this.#cursors.size > 0;
      return isStale ? { decisions: [], writes: standing(this.#cursors), frames: [] } : undefined;
    }
    const at = ready.findIndex(({ header }) => header.kind === "end");
    const end = ready[at]?.header;
    if (end?.kind === "end") {
      this.#ended = endOf(end.code, end.status);
      if (this.#ended.code === "AGREEMENT_NOT_IN_FORCE") throw this.#ended;
    }
    const taken = (at < 0 ? ready : ready.slice(0, at)).map((frame) => this.#take(frame, now));
    const decisions = taken.flatMap((one) => one?.decision ?? []);
    const writes = taken.flatMap((one) => one?.write ?? []);
    for (const { partition, cursor, count } of writes) {
      this.#cursors.set(partition, cursor);
      this.#taken += count;
    }
    if (writes.length > 0) this.#watch.uncommitted(this.#taken);
    return decisions.length === 0 ? undefined : { decisions, writes, frames: ready };
  }

  #take(
    frame: SoundFrame,
    now: number,
  ): { readonly decision: Decision; readonly write?: ReplicaWrite } | undefined {
    const { header } = frame;
    const { agreement, contract, publisher: partner, replay } = this.#subscription;
    if (header.agreement !== agreement) throw foreign("agreement");
    if (header.kind === "idle") this.#watch.behind(header.behindMs);
    if (header.kind === "halt") return this.#halt(header.partition, endOf(header.code, ""), now);
    if (header.kind !== "records") return undefined;
    if (header.contract !== contract.digest) throw foreign("contract");
    if (header.partition >= this.#subscription.partitions) throw foreign("partition");
    const chain = this.#chains.get(header.partition);
    if (chain === undefined) throw refused("it is of a partition that was ended");
    const write = chain.follow(header, frame);
    const time = new Date(now).toISOString();
    const about = { contract, partner, time, ...(replay && { replay: replay.id }) };
    return { write, decision: receivedDecision(header, frame, about) };
  }

  /** The publisher can't go on with a partition; with the last one the link ends. */
  #halt(partition: number, error: MeshError, now: number): { readonly decision: Decision } {
    // Each is written down and remembered: a partner must not fill our log and memory with ends of what there is not.
    if (!this.#chains.delete(partition)) throw refused("it ends a partition that is not open");
    if (this.#chains.size === 0) throw error;
    this.#watch.halted(partition, error);
    const { agreement, publisher: partner, replay } = this.#subscription;
    const about = { partner, agreement, ...(replay && { replay: replay.id }) };
    return { decision: haltDecision(partition, error, about, now) };
  }

  async commit(
    writes: readonly ReplicaWrite[],
    durable: Promise<void>,
    writer: TransactionalWriter,
    signal: AbortSignal,
  ): Promise<void> {
    const goesOn = (): void => {
      if (signal.aborted)
        throw new MeshError("AGREEMENT_NOT_IN_FORCE", "The link was stopped before this commit.");
    };
    goesOn();
    const isAllowed = durable.then(goesOn);
    // It may fail long before the writer looks, or when that does not look any more.
    isAllowed.catch(() => undefined);
    if (writes.length === 0) return await isAllowed;
    await writer.commitAfter(isAllowed, writes);
    this.#committedAt = this.#ports.clock.now();
    const { replay, publisher: partner } = this.#subscription;
    const agreement = chainName(this.#subscription.agreement, replay?.id);
    this.#ports.emit({ name: "link.frame.committed", agreement, partner, count: writes.length });
    const count = writes.reduce((sum, write) => sum + write.count, 0);
    this.#ports.emit({ name: "link.records.committed", agreement, partner, count });
    const bytes = writes.reduce((sum, { batch }) => sum + (batch?.length ?? 0), 0);
    this.#ports.emit({ name: "link.bytes.committed", agreement, partner, count: bytes });
    this.#taken -= count;
    this.#watch.uncommitted(this.#taken);
    this.#beginning.committed(writes);
  }
}

const foreign = (what: string): MeshError =>
  new MeshError("LINK_FRAME_REFUSED", `A frame was refused: it is of another ${what} than this link's.`);

const STATUSES: ReadonlySet<string> = new Set(WITHHOLDING);

/** What the publisher said as it ended the stream, as our own error. Words that we don't know are not repeated: they go to a terminal. */
function endOf(code: string, word: string): MeshError {
  const known = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : undefined;
  const status = STATUSES.has(word) ? word : "unknown";
  const said = `${known ?? "unknown code"}${status === "" ? "" : ` (${status})`}`;
  return new MeshError(known ?? "PARTNER_REFUSED", `The publisher ended the stream: ${said}.`, {
    context: { status, side: "publisher" },
  });
}
