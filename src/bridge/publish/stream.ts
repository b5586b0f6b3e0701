import type { KeyObject } from "node:crypto";
import type { Agreement } from "../../kernel/agreement.ts";
import type { ActDecision } from "../../kernel/decision.ts";
import { MeshError } from "../../kernel/error.ts";
import type {
  Clock,
  SourceBatch,
  SourcePosition,
  SourceWedge,
  TopicDescription,
  TopicSource,
} from "../../kernel/ports.ts";
import type { Emit } from "../../kernel/signal.ts";
import type { Admit } from "../../mesh/admit.ts";
import { admitParts, countOf } from "../../mesh/admit-parts.ts";
import type { Route } from "../../mesh/route.ts";
import { openCursor } from "../frames/cursor.ts";
import { FrameChain, type FrameDraft } from "../frames/frame-chain.ts";
import { ASKED_BYTES_MIN } from "../lanes/lane.ts";
import type { AdmitLater } from "../lanes/lanes.ts";
import { type Progress, placeOf } from "../links/progress.ts";
import { TICK } from "../pump.ts";
import { type AdmittedRun, admittedRuns, wedgeOf } from "./admitted-runs.ts";
import { type Beginning, startOfAgreement } from "./agreed-positions.ts";
import { type Outgoing, outgoing } from "./outgoing.ts";
import { type CurrentPublication, chainOf, inForce, type Publication } from "./publication.ts";

export interface StreamPorts {
  readonly source: TopicSource;
  readonly admit: Admit;
  /** Where there are lanes: decides beside the loop. */
  readonly admitLater?: AdmitLater;
  readonly emit: Emit;
  readonly keys: { readonly cursor: KeyObject };
  /** The stream has begun before, though there be no cursor: it is shared out, which is done when each partition has one. */
  readonly isUnderWay?: boolean;
}

/** What a stream is driven by: what was read, decided already or not, and the time. */
export type StreamStep = AdmittedRun | SourceBatch | SourceWedge | typeof TICK;

/** A stream under way at its publisher, wherever its frames go: one chain of them for each partition. */
export class Stream {
  readonly topic: TopicDescription;
  readonly positions: readonly SourcePosition[];
  readonly #chains: Map<number, FrameChain>;
  /** Begun just now: an empty first frame gives the reader a cursor, so that `latest` means the same after a restart. */
  readonly #begun: readonly FrameChain[];
  readonly #ports: StreamPorts;
  readonly #progress: Progress;
  #hasBegun = false;

  private constructor(
    topic: TopicDescription,
    positions: readonly SourcePosition[],
    chains: { readonly resumed: readonly FrameChain[]; readonly begun: readonly FrameChain[] },
    ports: StreamPorts,
    progress: Progress,
  ) {
    this.topic = topic;
    this.positions = positions;
    this.#begun = chains.begun;
    this.#chains = new Map([...chains.resumed, ...chains.begun].map((chain) => [chain.partition, chain]));
    this.#ports = ports;
    this.#progress = progress;
  }

  /**
   * `cursors`: partition → what `sealCursor` made; a partition without one begins where the agreement says. Throws
   * SOURCE_MISSING, SOURCE_RECREATED, LINK_CURSOR_REFUSED, KAFKA_UNAVAILABLE.
   */
  static async open(
    publication: Publication,
    cursors: ReadonlyMap<number, string>,
    ports: StreamPorts,
    progress: Progress,
  ): Promise<Stream> {
    const { agreement } = publication;
    const topic = await ports.source.describe(publication.topic);
    // A replay reads the partitions that it has cursors of, and no others.
    const isWhole = publication.replay !== undefined || cursors.size >= topic.partitions;
    const starts = isWhole
      ? []
      : await ports.source.positions(
          topic.name,
          startOf(agreement, ports.isUnderWay === true || cursors.size > 0),
        );
    const resumed = [...cursors].map(([partition, text]) => {
      const cursor = openCursor(text, chainOf(publication), ports.keys.cursor);
      if (cursor.position.partition !== partition)
        throw new MeshError("LINK_CURSOR_REFUSED", "The cursor of one partition was sent for another.");
      if (cursor.topicId !== topic.topicId)
        throw new MeshError(
          "SOURCE_RECREATED",
          `The topic ${topic.name} was deleted and made again since the link last read it.`,
        );
      return FrameChain.resume(cursor.position, cursor.sequence, cursor.previous);
    });
    const begun = starts
      .filter(({ partition }) => !cursors.has(partition))
      .map((position) => FrameChain.begin(position, agreement.id));
    const positions = [...resumed, ...begun].map(({ position }) => position);
    return new Stream(topic, positions, { resumed, begun }, ports, progress);
  }

  /** What `admit` is to be given, in order. Where there are lanes, they decide several runs at a time. */
  steps(
    runs: AsyncIterable<SourceBatch | SourceWedge | typeof TICK>,
    current: CurrentPublication,
    clock: Clock,
  ): AsyncIterable<StreamStep> {
    const { admitLater } = this.#ports;
    if (admitLater === undefined) return runs;
    // A record's sequence counts what left before it: a partition's runs are decided one after the other.
    const sequences = new Map<number, Promise<number>>();
    return admittedRuns(runs, async (batch) => {
      const place = placeOf(batch);
      const known =
        sequences.get(place.partition) ?? Promise.resolve(this.#chains.get(place.partition)?.sequence ?? 0);
      const deciding = known.then(async (sequence) => {
        const publication = inForce(current);
        const now = clock.now();
        // Deciding twice is this thread's own: it is done for few records. So are runs that are not worth asking about.
        const bytes = batch.batches.reduce((sum, { length }) => sum + length, 0);
        if (publication.shadow !== undefined || bytes < ASKED_BYTES_MIN)
          return this.#decide(batch, publication, sequence, now);
        const later = admitLater(batch, this.#route(publication), sequence, now);
        batch.release?.();
        return { place, publication, parts: await later };
      });
      const after = Promise.all([known, deciding]).then(([sequence, { parts }]) => sequence + countOf(parts));
      after.catch(() => undefined);
      sequences.set(place.partition, after);
      return await deciding;
    });
  }

  /** What is to leave, and what is to be written down before. Undefined: nothing yet. `now` in ms since 1970. */
  admit(step: StreamStep, publication: Publication, now: number): Outgoing | undefined {
    const drafts = this.#begin().map((chain) => this.#empty(chain, publication, now));
    const halts: ActDecision[] = [];
    if (step === TICK) {
      for (const chain of this.#chains.values())
        if (chain.isDue(now)) drafts.push(this.#empty(chain, publication, now));
    } else {
      const taken = "error" in step ? step : this.#framesOf(step, publication, now);
      if ("error" in taken) halts.push(...this.#halt(taken, publication, now));
      else drafts.push(...taken);
    }
    if (drafts.length + halts.length === 0) {
      this.#endReplay(publication);
      return undefined;
    }
    return outgoing({ drafts, halts }, publication, this.#ports, now);
  }

  #begin(): readonly FrameChain[] {
    if (this.#hasBegun) return [];
    this.#hasBegun = true;
    return this.#begun;
  }

  /** The frames that a run makes due, if any. What was decided under an earlier plan is told as such. */
  #framesOf(
    run: AdmittedRun | SourceBatch,
    current: Publication,
    now: number,
  ): readonly FrameDraft[] | SourceWedge {
    const { partition } = "parts" in run ? run.place : run.next;
    const chain = this.#chains.get(partition);
    // It was read before its partition came to an end.
    if (chain === undefined) return [];
    try {
      const decided = "parts" in run ? run : this.#decide(run, current, chain.sequence, now);
      this.#progress.take(decided.place);
      const { cursor } = this.#ports.keys;
      const { publication } = decided;
      const before = chain.waitsUnderOther(publication) ? [this.#empty(chain, publication, now)] : [];
      const frames = decided.parts.flatMap(({ next, admitted }) =>
        chain.take({ next, publication }, admitted, now).due
          ? [chain.draft(publication, this.topic.topicId, admitted, cursor, now)]
          : [],
      );
      return [...before, ...frames];
    } catch (error) {
      const wedge = wedgeOf(partition, error);
      if (wedge === undefined) throw error;
      return wedge;
    }
  }

  /** Throws what `Admit` throws. */
  #decide(batch: SourceBatch, publication: Publication, sequence: number, now: number): AdmittedRun {
    const admit = publication.shadow?.beside(this.#ports.admit) ?? this.#ports.admit;
    const place = placeOf(batch);
    const parts = admitParts(admit, batch, this.#route(publication), sequence, now);
    batch.release?.();
    return { place, publication, parts };
  }

  #route({ route }: Publication): Route {
    return { ...route, topicId: this.topic.topicId };
  }

  /** Once all partitions have reached their ends, and all that was decided is told; one that halted, or was left out, has not. */
  #endReplay({ replay }: Publication): void {
    if (replay === undefined || this.#chains.size < replay.ends.size) return;
    const isOver = ({ partition, position, isTold }: FrameChain): boolean =>
      isTold && position.offset >= (replay.ends.get(partition) ?? 0n);
    if ([...this.#chains.values()].every(isOver))
      throw new MeshError("REPLAY_DONE", "Everything up to the end of the replay was sent.");
  }

  #empty(chain: FrameChain, publication: Publication, now: number): FrameDraft {
    const nothing = { body: undefined, count: 0 };
    return chain.draft(publication, this.topic.topicId, nothing, this.#ports.keys.cursor, now);
  }

  /** The partition ends; with the last one the stream does. */
  #halt(
    { partition, error }: SourceWedge,
    { agreement, replay }: Publication,
    now: number,
  ): readonly ActDecision[] {
    if (!this.#chains.delete(partition)) return [];
    this.#progress.halt(partition, error.code, now);
    if (this.#chains.size === 0) throw error;
    const about = {
      partner: agreement.consumer,
      agreement: agreement.id,
      ...(replay && { replay: replay.id }),
    };
    return [haltDecision(partition, error, about, now)];
  }
}

/** A partition that stops while the others go on, as either side writes it down. */
export const haltDecision = (
  partition: number,
  { code, message }: MeshError,
  about: Pick<ActDecision, "partner" | "agreement" | "replay">,
  now: number,
): ActDecision => ({
  kind: "act",
  act: "link.halted",
  time: new Date(now).toISOString(),
  actor: "gateway",
  ...about,
  partition,
  code,
  note: message,
});

/**
 * A partition that a link under way has no cursor of came later than any `latest` of then, or so its reader says: nothing in it from before
 * the agreement was agreed on.
 */
const startOf = (agreement: Agreement, underWay: boolean): Beginning =>
  agreement.start.at === "latest" && !underWay ? "latest" : startOfAgreement(agreement);
