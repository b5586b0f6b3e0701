import type { KeyObject } from "node:crypto";
import type { Agreement } from "../kernel/agreement.ts";
import type { ByteSink } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import type {
  Clock,
  DecisionLog,
  SourceBatch,
  SourcePosition,
  TopicDescription,
  TopicSource,
} from "../kernel/ports.ts";
import type { Emit } from "../kernel/signal.ts";
import type { Admit } from "../mesh/admit.ts";
import { openCursor } from "./cursor.ts";
import { sealFrame } from "./frame.ts";
import { FrameChain } from "./frame-chain.ts";
import { type Outgoing, outgoing } from "./outgoing.ts";
import type { CurrentPublication, Publication } from "./publication.ts";
import { pump, TICK, withTicks } from "./pump.ts";
import { ripeRuns } from "./ripe-runs.ts";

/** How often what is due by time is looked at, and how long a silent link waits before it says that it is alive. */
const TICK_MS = 200;
const IDLE_MS = 1_000;

export interface PublisherPorts {
  readonly source: TopicSource;
  readonly admit: Admit;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly keys: { readonly signing: KeyObject; readonly cursor: KeyObject };
}

/**
 * Serves one stream to one subscriber until `signal` aborts, the agreement ends, or the world fails: the reasons why are told
 * in a last frame. `cursors` are the subscriber's, sealed by us: partition → text; a partition without one begins where the
 * agreement says. Frames are whole and in order per partition.
 */
export async function publish(
  current: CurrentPublication,
  cursors: ReadonlyMap<number, string>,
  out: ByteSink,
  ports: PublisherPorts,
  signal: AbortSignal,
): Promise<void> {
  const publication = inForce(current);
  const { id } = publication.agreement;
  try {
    // What an earlier connection sent is paid for first: coming back is no way round a quota.
    await rest(publication, out, ports, signal);
    const stream = await openStream(publication, cursors, ports);
    const leastMs = () => inForce(current).route.plan.age.leastMs;
    const rule = { leastMs, clock: ports.clock };
    const batches = ripeRuns(ports.source, stream.topic, stream.positions, signal, rule);
    await pump<SourceBatch | typeof TICK, Outgoing>({
      source: withTicks(batches, TICK_MS),
      admit: (batch) => stream.admit(batch, inForce(current), ports),
      decisions: ports.decisions,
      sink: { commit: async (outgoing) => await send(outgoing, out, ports, signal) },
    });
    inForce(current);
  } catch (error) {
    const { code, context } =
      error instanceof MeshError ? error : new MeshError("INTERNAL", "A defect ended the stream.");
    const end = { v: 1, kind: "end", agreement: id, code, status: String(context.status ?? "") } as const;
    await out.write(sealFrame(end, new Uint8Array(0), ports.keys.signing));
    throw error;
  }
}

/** Writes what was decided, and waits as long as its plan's quota says. */
async function send(
  { frames, records, publication }: Outgoing,
  out: ByteSink,
  ports: PublisherPorts,
  signal: AbortSignal,
): Promise<void> {
  for (const frame of frames) await out.write(frame);
  const bytes = frames.reduce((sum, { length }) => sum + length, 0);
  publication.meter.spend(publication.route.plan.quota, records, bytes);
  await rest(publication, out, ports, signal);
}

/** Until what was sent is paid for; alive all the while. */
async function rest(
  { meter, agreement }: Publication,
  out: ByteSink,
  { clock, keys }: PublisherPorts,
  signal: AbortSignal,
): Promise<void> {
  for (let ms = meter.waitMs(clock.now()); ms > 0; ms = meter.waitMs(clock.now())) {
    await clock.sleep(Math.min(ms, IDLE_MS), signal);
    if (signal.aborted) return;
    await out.write(sealIdle(agreement.id, keys.signing));
  }
}

/** The publication, or AGREEMENT_NOT_IN_FORCE with the agreement's status in its context. */
export function inForce(current: CurrentPublication): Publication {
  const publication = current();
  if ("withheld" in publication)
    throw new MeshError("AGREEMENT_NOT_IN_FORCE", publication.why, {
      context: { status: publication.status },
    });
  return publication;
}

const sealIdle = (agreement: string, key: KeyObject): Buffer =>
  sealFrame({ v: 1, kind: "idle", agreement }, new Uint8Array(0), key);

/** A stream being served: a chain of frames for each partition. */
class Stream {
  readonly topic: TopicDescription;
  readonly positions: readonly SourcePosition[];
  readonly #chains: ReadonlyMap<number, FrameChain>;
  /** Begun just now: an empty first frame gives the subscriber a cursor, so that `latest` means the same after a restart. */
  readonly #begun: FrameChain[];
  #spokeAt = 0;

  constructor(
    topic: TopicDescription,
    positions: readonly SourcePosition[],
    chains: ReadonlyMap<number, FrameChain>,
    begun: FrameChain[],
  ) {
    this.topic = topic;
    this.positions = positions;
    this.#chains = chains;
    this.#begun = begun;
  }

  admit(
    batch: SourceBatch | typeof TICK,
    publication: Publication,
    ports: PublisherPorts,
  ): Outgoing | undefined {
    const now = ports.clock.now();
    const sealed = this.#begun.splice(0).map((chain) => this.#nothing(chain, publication, ports, now));
    if (batch !== TICK) sealed.push(...this.#frameOf(batch, publication, ports, now));
    for (const chain of this.#chains.values())
      if (chain.isDue(now)) sealed.push(this.#nothing(chain, publication, ports, now));
    if (sealed.length > 0) {
      this.#spokeAt = now;
      return outgoing(sealed, publication, ports, now);
    }
    if (now - this.#spokeAt < IDLE_MS) return undefined;
    this.#spokeAt = now;
    const idle = sealIdle(publication.agreement.id, ports.keys.signing);
    return { decisions: [], frames: [idle], records: 0, publication };
  }

  #frameOf(batch: SourceBatch, publication: Publication, ports: PublisherPorts, now: number): Sealed[] {
    const chain = this.#chains.get(batch.next.partition);
    if (chain === undefined)
      throw new MeshError("INTERNAL", "A batch came of a partition that was not asked for.");
    const route = { ...publication.route, topicId: this.topic.topicId };
    const compare = publication.shadow?.decide(ports.admit, batch, route, chain.sequence, now);
    const { summary, ...admitted } = ports.admit(batch, route, chain.sequence, now);
    const told = compare === undefined ? summary : { ...summary, shadow: compare(summary) };
    const { due } = chain.take(batch, { count: admitted.count, summary: told }, now);
    return due ? [chain.seal(publication, this.topic.topicId, admitted, ports.keys, now)] : [];
  }

  #nothing(chain: FrameChain, publication: Publication, ports: PublisherPorts, now: number): Sealed {
    return chain.seal(publication, this.topic.topicId, { body: undefined, count: 0 }, ports.keys, now);
  }
}

type Sealed = ReturnType<FrameChain["seal"]>;

async function openStream(
  publication: Publication,
  cursors: ReadonlyMap<number, string>,
  ports: PublisherPorts,
): Promise<Stream> {
  const { agreement } = publication;
  const topic = await ports.source.describe(publication.topic);
  const starts =
    cursors.size < topic.partitions
      ? await ports.source.positions(topic.name, startOf(agreement, cursors.size > 0))
      : [];
  const resumed = new Map<number, FrameChain>();
  const positions = new Map(starts.map((position) => [position.partition, position]));
  for (const [partition, text] of cursors) {
    const cursor = openCursor(text, agreement.id, ports.keys.cursor);
    if (cursor.position.partition !== partition)
      throw new MeshError("LINK_CURSOR_REFUSED", "The cursor of one partition was sent for another.");
    if (cursor.topicId !== topic.topicId)
      throw new MeshError(
        "SOURCE_RECREATED",
        `The topic ${topic.name} was deleted and made again since the link last read it.`,
      );
    positions.set(partition, cursor.position);
    resumed.set(partition, FrameChain.resume(cursor.position, cursor.sequence, cursor.previous));
  }
  const begun = new Map(
    [...positions.values()]
      .filter(({ partition }) => !resumed.has(partition))
      .map((position) => [position.partition, FrameChain.begin(position, agreement.id)]),
  );
  return new Stream(topic, [...positions.values()], new Map([...resumed, ...begun]), [...begun.values()]);
}

/** A partition that a link under way has no cursor of came later: all that is in it is newer than any `latest` of then. */
function startOf({ start }: Agreement, underWay: boolean): "earliest" | "latest" | { readonly time: number } {
  if (start.at === "time") return { time: start.time };
  return underWay ? "earliest" : start.at;
}
