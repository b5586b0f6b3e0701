import type { KeyObject } from "node:crypto";
import type { ContractRef } from "../kernel/contract.ts";
import { ERRORS, type ErrorCode, MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type {
  Clock,
  DecisionLog,
  PartnerClient,
  RecordCodec,
  ReplicaSink,
  ReplicaWrite,
  ReplicaWriter,
  TargetCursor,
} from "../kernel/ports.ts";
import type { Emit } from "../kernel/signal.ts";
import { type Frame, openFrame, splitFrames } from "./frame.ts";
import { gather } from "./frame-queue.ts";
import { type Decided, pump, TICK, withTicks } from "./pump.ts";
import { ReplicaChain, receivedDecision } from "./replica-chain.ts";

/** A publisher says something every second; after this long without a word the connection is taken for dead. */
const SILENCE_MS = 10_000;
const TICK_MS = 1_000;
/** Committed offsets expire (`offsets.retention.minutes`, 7 days by default): an idle link commits its cursors again. */
const CURSORS_AGAIN_MS = 12 * 3_600_000;

/** One agreement as its subscriber runs it. */
export interface Subscription {
  readonly agreement: string;
  /** Company URN of the publisher. */
  readonly publisher: string;
  readonly contract: ContractRef;
  /** The publisher's signing keys, of its card. */
  readonly keys: readonly KeyObject[];
  readonly partitions: number;
  /** The replica topic and its settings. */
  readonly topic: string;
  readonly topicConfig: Readonly<Record<string, string>>;
}

export interface SubscriberPorts {
  readonly client: PartnerClient;
  readonly sink: ReplicaSink;
  readonly codec: RecordCodec;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly emit: Emit;
}

interface Incoming extends Decided {
  readonly writes: readonly ReplicaWrite[];
}

/**
 * Replicates one stream into the own Kafka until `signal` aborts or something fails; always throws why it ended. Exactly
 * once: the writer fences its twins before it reads the cursors, and cursors move only with their records. `onRunning` is
 * called when the publisher has answered.
 */
export async function subscribe(
  subscription: Subscription,
  ports: SubscriberPorts,
  signal: AbortSignal,
  onRunning: () => void,
): Promise<never> {
  const { agreement, topic, partitions } = subscription;
  const group = `tiermesh.${agreement}`;
  const link = { topic, partitions, group, transactionalId: group, topicConfig: subscription.topicConfig };
  const writer = await ports.sink.open(link, signal);
  const stop = new AbortController();
  try {
    const chains = chainsOf(subscription, writer);
    const cursors = Object.fromEntries(
      [...chains].flatMap(([at, { cursor }]) => (cursor ? [[at, cursor]] : [])),
    );
    const ending = AbortSignal.any([signal, stop.signal]);
    const bytes = await ports.client.stream(
      "POST",
      `/v1/agreements/${agreement}/stream`,
      { cursors },
      ending,
    );
    onRunning();
    const replica = new Replica(subscription, chains, ports, writer.cursors);
    await pump<readonly Buffer[] | typeof TICK, Incoming>({
      source: withTicks(gather(splitFrames(bytes), LIMITS.transactionBytesTarget), TICK_MS),
      admit: (frames) => replica.admit(frames),
      decisions: ports.decisions,
      sink: { commit: ({ writes }) => replica.commit(writes, writer, ending) },
    });
    throw new MeshError("PARTNER_UNREACHABLE", "The publisher's stream ended.");
  } finally {
    stop.abort();
    await writer.close();
  }
}

function chainsOf(subscription: Subscription, writer: ReplicaWriter): ReadonlyMap<number, ReplicaChain> {
  const chains = new Map<number, ReplicaChain>();
  for (let partition = 0; partition < subscription.partitions; partition += 1) {
    const committed = writer.cursors.get(partition);
    if (committed === undefined && !writer.empty.has(partition))
      throw new MeshError(
        "LINK_CURSOR_LOST",
        `Partition ${partition} of ${subscription.topic} holds records, but no cursor of this link is committed for it.`,
      );
    chains.set(
      partition,
      committed ? ReplicaChain.resume(committed) : ReplicaChain.begin(subscription.agreement, partition),
    );
  }
  return chains;
}

class Replica {
  readonly #subscription: Subscription;
  readonly #chains: ReadonlyMap<number, ReplicaChain>;
  readonly #ports: SubscriberPorts;
  /** What is committed, by partition. */
  readonly #cursors: Map<number, TargetCursor>;
  #heardAt: number;
  /** Zero: how old the cursors of an earlier process are is not known. */
  #committedAt = 0;

  constructor(
    subscription: Subscription,
    chains: ReadonlyMap<number, ReplicaChain>,
    ports: SubscriberPorts,
    cursors: ReadonlyMap<number, TargetCursor>,
  ) {
    this.#cursors = new Map(cursors);
    this.#subscription = subscription;
    this.#chains = chains;
    this.#ports = ports;
    this.#heardAt = ports.clock.now();
  }

  /** Verifies what is ready. A frame that ends the stream ends it before what came with it is stored. */
  admit(ready: readonly Buffer[] | typeof TICK): Incoming | undefined {
    const now = this.#ports.clock.now();
    if (ready === TICK) {
      if (now - this.#heardAt > SILENCE_MS)
        throw new MeshError("PARTNER_UNREACHABLE", `The publisher was silent for ${SILENCE_MS / 1000} s.`);
      return now - this.#committedAt > CURSORS_AGAIN_MS ? this.#cursorsAgain() : undefined;
    }
    this.#heardAt = now;
    const frames = ready.map((bytes) => openFrame(bytes, this.#subscription.keys));
    for (const { header } of frames) if (header.kind === "end") throw endOf(header.code, header.status);
    const { contract, publisher: partner } = this.#subscription;
    const about = { contract, partner, time: new Date(now).toISOString() };
    const taken = frames.flatMap((frame) => this.#take(frame, about));
    if (taken.length === 0) return undefined;
    return { decisions: taken.map(({ decision }) => decision), writes: taken.map(({ write }) => write) };
  }

  #cursorsAgain(): Incoming | undefined {
    const writes = [...this.#cursors.values()].map((cursor) => ({
      partition: cursor.partition,
      batch: undefined,
      count: 0,
      cursor,
    }));
    return writes.length === 0 ? undefined : { decisions: [], writes };
  }

  #take(frame: Frame, about: Parameters<typeof receivedDecision>[3]) {
    const { header } = frame;
    const { agreement, contract } = this.#subscription;
    if (header.agreement !== agreement) throw foreign("agreement");
    if (header.kind !== "records") return [];
    if (header.contract !== contract.digest) throw foreign("contract");
    const chain = this.#chains.get(header.partition);
    if (chain === undefined) throw foreign("partition");
    const { write, erasures } = chain.follow(header, frame, this.#ports.codec);
    return [{ write, decision: receivedDecision(header, frame, erasures, about) }];
  }

  async commit(writes: readonly ReplicaWrite[], writer: ReplicaWriter, signal: AbortSignal): Promise<void> {
    if (signal.aborted)
      throw new MeshError("AGREEMENT_NOT_IN_FORCE", "The link was stopped before this commit.");
    await writer.commit(writes);
    this.#committedAt = this.#ports.clock.now();
    for (const { partition, cursor } of writes) this.#cursors.set(partition, cursor);
    const { agreement, publisher: partner } = this.#subscription;
    this.#ports.emit({ name: "link.frame.committed", agreement, partner, count: writes.length });
    const count = writes.reduce((sum, write) => sum + write.count, 0);
    this.#ports.emit({ name: "link.records.committed", agreement, partner, count });
  }
}

const foreign = (what: string): MeshError =>
  new MeshError("LINK_FRAME_REFUSED", `A frame was refused: it is of another ${what} than this link's.`);

/** What the publisher said as it ended the stream, as our own error. */
function endOf(code: string, status: string): MeshError {
  const known: ErrorCode = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : "PARTNER_REFUSED";
  return new MeshError(
    known,
    `The publisher ended the stream: ${code}${status === "" ? "" : ` (${status})`}.`,
    {
      context: { status, side: "publisher" },
    },
  );
}
