import type { KeyObject } from "node:crypto";
import { genesis } from "../../kernel/chain.ts";
import type { AdmissionSummary, FrameDecision, ShadowSummary } from "../../kernel/decision.ts";
import { digestOfBytes } from "../../kernel/digest.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { SourceBatch, SourcePosition } from "../../kernel/ports.ts";
import type { Admitted } from "../../mesh/admit.ts";
import { chainOf, type Publication } from "../publish/publication.ts";
import { sealCursor } from "./cursor.ts";
import { digestOfFrame, type RecordsHeader } from "./frame.ts";

/** How long a run in which everything was denied may wait for a record to travel with. */
const HELD_BACK_MS = 1_000;
/** How long a cursor may stay behind offsets that hold no records, before retention could overtake it. */
const MARKERS_MS = 60_000;
const EMPTY = new Uint8Array(0);

/** A frame that is ready but for its signature. */
export interface FrameDraft {
  readonly header: RecordsHeader;
  /** What the chain knows it by. */
  readonly digest: string;
  /** RecordBatch v2, or nothing. */
  readonly body: Uint8Array;
  readonly decision: FrameDecision;
}

/** One partition of a stream at its publisher: frames follow each other by sequence and by digest. */
export class FrameChain {
  readonly partition: number;
  #position: SourcePosition;
  #sequence: number;
  #previous: string;
  /** First source offset that no decision covers yet. */
  #uncovered: bigint;
  #pending: { summary: AdmissionSummary; since: number; publication: Publication } | undefined;
  /** Since when offsets without records wait to be passed, ms since 1970. */
  #markersSince: number | undefined;

  private constructor(position: SourcePosition, sequence: number, previous: string) {
    this.partition = position.partition;
    this.#position = position;
    this.#uncovered = position.offset;
    this.#sequence = sequence;
    this.#previous = previous;
  }

  static begin(position: SourcePosition, agreement: string): FrameChain {
    return new FrameChain(position, 0, genesis(agreement, position.partition));
  }
  static resume(position: SourcePosition, sequence: number, previous: string): FrameChain {
    return new FrameChain(position, sequence, previous);
  }

  /** Where the next run begins. */
  get position(): SourcePosition {
    return this.#position;
  }

  /** Of the next record. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether all that was decided is told. */
  get isTold(): boolean {
    return this.#pending === undefined;
  }

  /** Whether something waits to be told that another plan decided: it is told in a frame of its own, before this one's. */
  waitsUnderOther({ route }: Publication): boolean {
    return this.#pending !== undefined && this.#pending.publication.route.plan.digest !== route.plan.digest;
  }

  /** Takes a run that was admitted under that publication; `due` says whether a frame must be made of it now. */
  take(
    { next, publication }: Pick<SourceBatch, "next"> & { readonly publication: Publication },
    admitted: Pick<Admitted, "count" | "summary">,
    now: number,
  ): { due: boolean } {
    this.#position = next;
    if (admitted.summary.read === 0) {
      this.#markersSince ??= now;
      return { due: this.isDue(now) };
    }
    const before = this.#pending;
    this.#pending = before
      ? { ...before, summary: joined(before.summary, admitted.summary) }
      : { summary: admitted.summary, since: now, publication };
    return { due: admitted.count > 0 || this.isDue(now) };
  }

  /** A run of denials, or of offsets without records, that has waited long enough, or is long enough, to be told; or the clock was set back. */
  isDue(now: number): boolean {
    const pending = this.#pending;
    if (pending === undefined)
      return this.#markersSince !== undefined && Math.abs(now - this.#markersSince) >= MARKERS_MS;
    return Math.abs(now - pending.since) >= HELD_BACK_MS || pending.summary.read >= LIMITS.frameRecordsMax;
  }

  /**
   * The frame over everything taken since the last one, and the decision that goes with it: by the plan that all of that was decided
   * by, and by that of `current` where it is nothing.
   */
  draft(
    current: Publication,
    topicId: string,
    admitted: Pick<Admitted, "body" | "count">,
    cursorKey: KeyObject,
    now: number,
  ): FrameDraft {
    const pending = this.#pending;
    const publication = pending?.publication ?? current;
    const { agreement, contract, route } = publication;
    const body = admitted.body ?? EMPTY;
    const { partition } = this;
    const core = {
      v: 1,
      kind: "records",
      agreement: agreement.id,
      contract: contract.digest,
      plan: route.plan.digest,
      partition,
      sequence: this.#sequence,
      count: admitted.count,
      body: digestOfBytes(body),
      previous: this.#previous,
    } as const;
    const digest = digestOfFrame(core);
    const sequence = this.#sequence + admitted.count;
    const next = { topicId, position: this.#position, sequence, previous: digest };
    const header = { ...core, cursor: sealCursor(next, chainOf(publication), cursorKey) };
    const decision: FrameDecision = {
      kind: "frame",
      side: "publisher",
      time: new Date(now).toISOString(),
      agreement: agreement.id,
      ...(publication.replay && { replay: publication.replay.id }),
      contract,
      plan: route.plan.digest,
      partner: agreement.consumer,
      partition,
      sequence: this.#sequence,
      count: admitted.count,
      frame: digest,
      body: core.body,
      previous: this.#previous,
      ...(pending && {
        summary: {
          ...pending.summary,
          firstOffset: String(this.#uncovered),
          lastOffset: String(this.#position.offset - 1n),
        },
      }),
    };
    this.#sequence = sequence;
    this.#previous = digest;
    this.#uncovered = this.#position.offset;
    this.#pending = undefined;
    this.#markersSince = undefined;
    return { header, digest, body, decision };
  }
}

/** The summary of two runs that follow each other. */
function joined(first: AdmissionSummary, second: AdmissionSummary): AdmissionSummary {
  return {
    firstOffset: first.firstOffset,
    lastOffset: second.lastOffset,
    read: first.read + second.read,
    permitted: first.permitted + second.permitted,
    denied: first.denied + second.denied,
    bytesIn: first.bytesIn + second.bytesIn,
    bytesOut: first.bytesOut + second.bytesOut,
    erasures: (first.erasures ?? 0) + (second.erasures ?? 0),
    fields: sumOf(first.fields, second.fields, (a, b) => sumOf(a, b, (x, y) => x + y)),
    rules: sumOf(first.rules, second.rules, (x, y) => x + y),
    denials: [...first.denials, ...second.denials].slice(0, LIMITS.denialsListedMax),
    ...joinedShadow(first.shadow, second.shadow),
  };
}

/** Of two plans that were tried one after the other the later counts. */
function joinedShadow(
  first: ShadowSummary | undefined,
  second: ShadowSummary | undefined,
): Pick<AdmissionSummary, "shadow"> {
  const newest = second ?? first;
  if (newest === undefined) return {};
  if (first === undefined || second === undefined || first.plan !== second.plan) return { shadow: newest };
  const fields = sumOf(first.fields, second.fields, (a, b) => sumOf(a, b, (x, y) => x + y));
  return {
    shadow: {
      plan: second.plan,
      compared: first.compared + second.compared,
      denied: first.denied + second.denied,
      fields: Object.fromEntries(Object.entries(fields).slice(0, LIMITS.shadow.fieldsMax)),
    },
  };
}

function sumOf<Value>(
  first: Readonly<Record<string, Value>>,
  second: Readonly<Record<string, Value>>,
  add: (a: Value, b: Value) => Value,
): Readonly<Record<string, Value>> {
  const sum = new Map(Object.entries(first));
  for (const [name, value] of Object.entries(second)) {
    const before = sum.get(name);
    sum.set(name, before === undefined ? value : add(before, value));
  }
  return Object.fromEntries(sum);
}
