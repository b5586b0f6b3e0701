import type { ActDecision } from "../../kernel/decision.ts";
import { ERRORS, type ErrorCode, MeshError } from "../../kernel/error.ts";
import type { LinkShare } from "../../kernel/link-groups.ts";
import type { Clock, DecisionLog, ReplicaLink, ReplicaSink, ReplicaWriter } from "../../kernel/ports.ts";
import { ReplicaChain } from "../frames/replica-chain.ts";
import type { Progress } from "../links/progress.ts";
import type { Outgoing } from "../publish/outgoing.ts";
import { type CurrentPublication, inForce } from "../publish/publication.ts";
import { ripeRuns } from "../publish/ripe-runs.ts";
import { Stream, type StreamPorts, type StreamStep } from "../publish/stream.ts";
import { pump, withTicks } from "../pump.ts";
import { Beginning } from "../share/beginning.ts";
import { ownPartitions, partOf } from "../share/part.ts";
import { somePartitions } from "../share/some-partitions.ts";
import { PushSink } from "./push-sink.ts";

/** How often what is due by time is looked at. */
const TICK_MS = 200;
/** So long a push that was taken away may take to complete what is under way; then its connections are cut. */
const FAREWELL_MS = 500;

export interface PushPorts extends StreamPorts {
  readonly decisions: DecisionLog;
  readonly clock: Clock;
}

/** Where a stream is pushed to. */
export interface PushTarget {
  readonly sink: ReplicaSink;
  /** The replica topic there, and its settings if it is made by us. */
  readonly topic: string;
  readonly topicConfig: Readonly<Record<string, string>>;
  /** What of the stream is this process's; absent: all of it. */
  readonly share?: LinkShare;
  /** Partitions that the session is to be opened without, because the partner's Kafka refused what came of them. */
  readonly without?: ReadonlySet<number>;
}

/** Is told how the push fares. */
export interface PushWatch {
  /** Kept up to date. */
  readonly progress: Progress;
  /** The target is open. */
  running(): void;
  /** A partition of the source can't be read on; the others go on. */
  halted(partition: number, error: MeshError): void;
}

/** What leaves, or `undefined` for the drafts when the cursors are to be committed again. */
interface Pushing {
  readonly decisions: Outgoing["decisions"];
  readonly outgoing: Outgoing | undefined;
}

/**
 * Writes one stream into a partner's Kafka until `signal` aborts or something fails, which is thrown. The place is kept there,
 * as a subscriber keeps it: the writer fences its twins before it reads the cursors, and cursors move with their records.
 */
export async function push(
  current: CurrentPublication,
  target: PushTarget,
  ports: PushPorts,
  signal: AbortSignal,
  watch: PushWatch,
): Promise<void> {
  const publication = inForce(current);
  const { clock } = ports;
  const { share, without } = target;
  const shared = share?.isBegun ? somePartitions(ports.source, share) : ports.source;
  const { partitions } = await shared.describe(publication.topic);
  const link = linkOf(publication.agreement.id, target, partitions);
  const writer = await target.sink.open(link, signal);
  const ended = new AbortController();
  const closed = new AbortController();
  const overdue = async (): Promise<void> => {
    await clock.sleep(FAREWELL_MS, closed.signal);
    if (!closed.signal.aborted) writer.cut?.();
  };
  const onAbort = () => void overdue();
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) void overdue();
  try {
    const part = partOf({ ...link, without }, ownPartitions(link), writer);
    const source = part.isWhole ? ports.source : somePartitions(ports.source, part);
    const cursors = cursorsOf(part.partitions, writer, link);
    const reading = { ...ports, source, isUnderWay: !part.isWhole };
    const stream = await Stream.open(publication, cursors, reading, watch.progress);
    if (stream.topic.partitions !== partitions)
      throw new MeshError("STREAM_CHANGED", `The topic ${publication.topic} got more partitions.`);
    watch.running();
    const beginning = new Beginning(link, writer.cursors);
    const writing = AbortSignal.any([signal, ended.signal]);
    const sink = new PushSink(writer, { current, clock, emit: ports.emit, signal: writing, beginning });
    const ending = AbortSignal.any([writing, sink.broken]);
    const leastMs = () => inForce(current).route.plan.age.leastMs;
    const batches = ripeRuns(source, stream.topic, stream.positions, ending, { leastMs, clock });
    await pump<StreamStep, Pushing>({
      source: stream.steps(withTicks(batches, TICK_MS, clock), current, clock),
      admit: (step) => {
        const now = clock.now();
        const outgoing = stream.admit(step, inForce(current), now);
        for (const halt of outgoing?.halts ?? []) watch.halted(halt.partition ?? 0, faultOf(halt));
        if (outgoing === undefined && !sink.isStale(now)) return undefined;
        return { decisions: outgoing?.decisions ?? [], outgoing };
      },
      decisions: { append: async (decisions) => await ports.decisions.append(decisions, share?.stands) },
      sink: {
        commit: async ({ outgoing }) =>
          outgoing === undefined ? await sink.renew() : await sink.commit(outgoing),
      },
    });
    await sink.drained();
    if (!signal.aborted) throw new MeshError("INTERNAL", "The reading of the source ended by itself.");
  } finally {
    // What waits for a transaction yet would be written by a writer that is closed.
    ended.abort();
    await writer.close();
    closed.abort();
    // A signal that has listeners is kept, and all that they hold with it.
    signal.removeEventListener("abort", onAbort);
  }
}

/** Why a partition ended, as it was written down. */
const faultOf = ({ code = "", note = "" }: ActDecision): MeshError =>
  new MeshError(Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : "INTERNAL", note, {
    context: { side: "publisher" },
  });

/** Where a stream is pushed to, and by what names. */
export function linkOf(
  agreement: string,
  { topic, topicConfig, share }: PushTarget,
  partitions: number,
): ReplicaLink {
  const group = `tiermesh.${agreement}`;
  return { topic, partitions, group, transactionalId: group, topicConfig, ...(share && { share }) };
}

/** Partition → the sealed cursor that the target holds. Throws LINK_CURSOR_LOST. */
function cursorsOf(
  partitions: readonly number[],
  writer: ReplicaWriter,
  { topic }: ReplicaLink,
): ReadonlyMap<number, string> {
  const cursors = new Map<number, string>();
  for (const partition of partitions) {
    const committed = writer.cursors.get(partition);
    if (committed === undefined && !writer.empty.has(partition))
      throw new MeshError(
        "LINK_CURSOR_LOST",
        `Partition ${partition} of ${topic} holds records, but no cursor of this link is committed for it.`,
      );
    const cursor = committed && ReplicaChain.resume(committed).cursor;
    if (cursor !== undefined) cursors.set(partition, cursor);
  }
  return cursors;
}
