import { MeshError } from "../../kernel/error.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type {
  Clock,
  DecisionLog,
  PartnerClient,
  RecordCodec,
  ReplicaSink,
  ReplicaWriter,
  TransactionalWriter,
} from "../../kernel/ports.ts";
import type { Emit } from "../../kernel/signal.ts";
import { firstPlaces } from "../frames/first-places.ts";
import { gather } from "../frames/frame-queue.ts";
import { ReplicaChain } from "../frames/replica-chain.ts";
import { type OpenLater, type SoundFrame, soundFrames } from "../frames/sound-frame.ts";
import { splitFrames } from "../frames/split-frames.ts";
import { pump, type TICK, withTicks } from "../pump.ts";
import { partOf } from "../share/part.ts";
import { Hearing } from "./hearing.ts";
import { type Incoming, Replica, type SubscriptionWatch } from "./replica.ts";
import { partitionsOf, replicaLink, type Subscription } from "./subscription.ts";

const TICK_MS = 1_000;
/** Transactions under way at once: what comes meanwhile makes the next ones larger, and they cost about the same however large they are. */
const UNDER_WAY_MAX = 2;

export interface SubscriberPorts {
  readonly client: PartnerClient;
  readonly sink: ReplicaSink<TransactionalWriter>;
  readonly codec: RecordCodec;
  /** Where there are lanes: opens frames beside the loop. */
  readonly openLater?: OpenLater;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * Replicates one stream into the own Kafka until `signal` aborts or something fails; always throws why it ended. Exactly
 * once: the writer fences its twins before it reads the cursors, and cursors move only with their records.
 */
export async function subscribe(
  subscription: Subscription,
  ports: SubscriberPorts,
  signal: AbortSignal,
  watch: SubscriptionWatch,
): Promise<never> {
  const { agreement, replay } = subscription;
  const writer = await ports.sink.open(replicaLink(subscription), signal);
  const stop = new AbortController();
  try {
    const part = partOf(subscription, partitionsOf(subscription), writer);
    const chains = chainsOf(subscription, part.partitions, writer);
    const cursors = Object.fromEntries(
      [...chains].flatMap(([at, { cursor }]) => (cursor ? [[at, cursor]] : [])),
    );
    const ending = AbortSignal.any([signal, stop.signal]);
    const bytes = await ports.client.stream(
      "POST",
      `/v1/agreements/${agreement}/stream`,
      {
        cursors,
        // Of a replay, those come that have a cursor.
        ...(replay && { replay: { ...replay } }),
        // A link that begins is begun whole, by one process.
        ...(!part.isWhole && !replay && { partitions: part.partitions, of: part.of }),
      },
      ending,
    );
    watch.running();
    const begunAtOnce = part.isWhole && Object.keys(cursors).length === 0 ? chains.size : 0;
    const heard = { bytes: new Hearing(ports.clock), frames: new Hearing(ports.clock) };
    const replica = new Replica(subscription, chains, ports, writer.cursors, watch, heard);
    const frames = heard.frames.of(splitFrames(heard.bytes.of(bytes)));
    const ready = gather(
      soundFrames(frames, subscription.keys, ports),
      LIMITS.transactionBytesTarget,
      ports.clock,
    );
    await pump<readonly SoundFrame[] | typeof TICK, Incoming>({
      source: upToEnd(withTicks(placesFirst(ready, replica, begunAtOnce), TICK_MS, ports.clock), replica),
      admit: (frames) => replica.admit(frames),
      decisions: {
        append: async (decisions) => await ports.decisions.append(decisions, subscription.share?.stands),
      },
      sink: {
        isTransactional: true,
        commit: async ({ writes, frames }, durable) => {
          await replica.commit(writes, durable, writer, ending);
          for (const { release } of frames) release?.();
        },
      },
      underWayMax: UNDER_WAY_MAX,
    });
    throw new MeshError("PARTNER_UNREACHABLE", "The publisher's stream ended.");
  } finally {
    stop.abort();
    await writer.close();
  }
}

function chainsOf(
  subscription: Subscription,
  partitions: readonly number[],
  writer: ReplicaWriter,
): ReadonlyMap<number, ReplicaChain> {
  const chains = new Map<number, ReplicaChain>();
  const { replay } = subscription;
  for (const partition of partitions) {
    const committed = writer.cursors.get(partition);
    if (committed === undefined && (replay !== undefined || !writer.empty.has(partition)))
      throw new MeshError(
        "LINK_CURSOR_LOST",
        `Partition ${partition} of ${subscription.topic} ${replay ? "is written by a replay" : "holds records"}, but no cursor of this link is committed for it.`,
      );
    chains.set(
      partition,
      committed ? ReplicaChain.resume(committed) : ReplicaChain.begin(subscription.agreement, partition),
    );
  }
  return chains;
}

/**
 * What is ready, at most twice in parts: partitions get their first places in a transaction of their own. So many get theirs at
 * once: where a link has begun in part, the others begin where the agreement does, though its start be `latest`. A publisher
 * begins all before it sends anything else; where one does not, nothing waits.
 */
async function* placesFirst(
  ready: AsyncIterable<readonly SoundFrame[]>,
  { places }: Replica,
  atOnce: number,
): AsyncGenerator<readonly SoundFrame[]> {
  let held: readonly SoundFrame[] = [];
  for await (const frames of ready) {
    const { first, rest } = firstPlaces([...held, ...frames], places);
    const isBeginning = first.length < atOnce && rest.every(({ header }) => header.kind === "idle");
    held = isBeginning ? first : [];
    if (!isBeginning && first.length > 0) yield first;
    if (rest.length > 0) yield rest;
  }
}

/** Ends after what came before the publisher's last word was taken; a commit of it that fails is told instead. */
async function* upToEnd<Ready>(
  ready: AsyncIterable<Ready>,
  replica: Pick<Replica, "ended">,
): AsyncGenerator<Ready> {
  for await (const each of ready) {
    yield each;
    if (replica.ended !== undefined) throw replica.ended;
  }
}
