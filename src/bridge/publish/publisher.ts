import type { KeyObject } from "node:crypto";
import { discard } from "../../kernel/discard.ts";
import type { ByteSink } from "../../kernel/endpoint.ts";
import { MeshError } from "../../kernel/error.ts";
import type { Clock, DecisionLog } from "../../kernel/ports.ts";
import { sealHead } from "../frames/frame.ts";
import { Progress } from "../links/progress.ts";
import { pump, withTicks } from "../pump.ts";
import type { Outgoing } from "./outgoing.ts";
import { type CurrentPublication, inForce, stillDecides } from "./publication.ts";
import { ripeRuns } from "./ripe-runs.ts";
import { Stream, type StreamPorts, type StreamStep } from "./stream.ts";

/** How often what is due by time is looked at, and how often the link says that it is alive. */
const TICK_MS = 200;
const IDLE_MS = 1_000;

export interface PublisherPorts extends StreamPorts {
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly keys: { readonly signing: KeyObject; readonly cursor: KeyObject };
}

/** What is served to whom, and from where on. */
interface Serving {
  /** Id of the agreement, which the last frame names also when there is nothing in force any more. */
  readonly agreement: string;
  readonly current: CurrentPublication;
  /** The subscriber's, sealed by us: partition → text; a partition without one begins where the agreement says. */
  readonly cursors: ReadonlyMap<number, string>;
}

/** What is sent at once: frames of records, the end of partitions, a sign of life. */
interface Sending extends Outgoing {
  /** Ms; undefined: no sign of life is due. */
  readonly behindMs: number | undefined;
}

/**
 * Serves one stream to one subscriber until `signal` aborts, the agreement ends, or the world fails: the reasons why are told
 * in a last frame. Frames are whole and in order per partition. `progress` is kept up to date.
 */
export async function publish(
  { agreement, current, cursors }: Serving,
  out: ByteSink,
  ports: PublisherPorts,
  signal: AbortSignal,
  progress: Progress = new Progress(),
): Promise<void> {
  const { clock, keys } = ports;
  try {
    // What an earlier connection sent is paid for first: coming back is no way round a quota.
    await rest(current, out, ports, signal);
    const stream = await Stream.open(inForce(current), cursors, ports, progress);
    const leastMs = () => inForce(current).route.plan.age.leastMs;
    const batches = ripeRuns(ports.source, stream.topic, stream.positions, signal, { leastMs, clock });
    let idleAt = clock.now();
    let last = Promise.resolve();
    await pump<StreamStep, Sending>({
      source: stream.steps(withTicks(batches, TICK_MS, clock), current, clock),
      admit: (step) => {
        const now = clock.now();
        const publication = inForce(current);
        const sent = stream.admit(step, publication, now);
        // Also where the clock was set back.
        const isIdleDue = Math.abs(now - idleAt) >= IDLE_MS;
        if (isIdleDue) idleAt = now;
        if (sent === undefined && !isIdleDue) return undefined;
        const nothing = { decisions: [], drafts: [], halts: [], publication };
        return { ...(sent ?? nothing), behindMs: isIdleDue ? progress.lag(now).ms : undefined };
      },
      decisions: ports.decisions,
      sink: {
        commit: (sending) => {
          last = last.then(async () => await send(sending, current, out, ports, signal));
          return last;
        },
      },
    });
    inForce(current);
  } catch (error) {
    const { code, context } =
      error instanceof MeshError ? error : new MeshError("INTERNAL", "A defect ended the stream.");
    const end = { v: 1, kind: "end", agreement, code, status: String(context.status ?? "") } as const;
    await out.write(sealHead(end, 0, keys.signing));
    throw error;
  }
}

/**
 * Writes what was decided, and waits as long as its plan's quota says. What is not in force any more does not leave, be it the
 * agreement or the plan that records were decided by: they may have waited for long, for the quota or for their reader.
 */
async function send(
  { drafts, halts, publication, behindMs }: Sending,
  current: CurrentPublication,
  out: ByteSink,
  ports: PublisherPorts,
  signal: AbortSignal,
): Promise<void> {
  const agreement = publication.agreement.id;
  const { signing } = ports.keys;
  for (const { header, body } of drafts) {
    stillDecides(inForce(current), header);
    const head = sealHead(header, body.length, signing);
    // Before it leaves: who hangs up within it has its records and its cursor all the same.
    publication.meter.spend(publication.route.plan.quota, header.count, head.length + body.length);
    await out.write(head);
    // A frame is one reader's: nobody looks at its body any more.
    if (body.length > 0) await out.write(body, () => discard(body));
  }
  for (const { partition = 0, code = "" } of halts)
    await out.write(sealHead({ v: 1, kind: "halt", agreement, partition, code }, 0, signing));
  if (behindMs !== undefined) await out.write(sealIdle(agreement, behindMs, signing));
  await rest(current, out, ports, signal);
}

/** Until what was sent is paid for, or is not in force any more; alive all the while. */
async function rest(
  current: CurrentPublication,
  out: ByteSink,
  { clock, keys }: PublisherPorts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { meter, agreement } = inForce(current);
    const ms = meter.waitMs(clock.now());
    if (ms <= 0) return;
    await clock.sleep(Math.min(ms, IDLE_MS), signal);
    if (signal.aborted) return;
    await out.write(sealIdle(agreement.id, ms, keys.signing));
  }
}

const sealIdle = (agreement: string, ms: number, key: KeyObject): Buffer =>
  sealHead({ v: 1, kind: "idle", agreement, behindMs: Math.ceil(ms) }, 0, key);
