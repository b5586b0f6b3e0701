import { type FrameSummary, frameSummaries, kept, type Side } from "../audit/frame-summary.ts";
import { Reconciling } from "../audit/reconcile.ts";
import type { Reconciliation } from "../audit/reconciliation.ts";
import { beginningIn } from "../audit/segments.ts";
import type { Partner } from "../kernel/company.ts";
import type { Decision } from "../kernel/decision.ts";
import { MeshError } from "../kernel/error.ts";
import type { PartnerClient } from "../kernel/ports.ts";
import { inTurns } from "./in-turns.ts";
import { linesOf } from "./lines.ts";
import type { Registry } from "./registry/registry.ts";
import { readSummary, SUMMARY_LENGTH_MAX } from "./summary-line.ts";

export interface ReconciliationPorts {
  readonly owner: string;
  readonly registry: Registry;
  /** Own decisions to the end of the log as of the first read; with an agreement, others' may be left out. */
  readonly log: (agreement: string) => AsyncIterable<Decision>;
  readonly clientOf: (partner: Partner) => PartnerClient;
}

/** Holds our log of an agreement against the partner's, which is asked for digests and counts only. */
export async function reconcileWithPartner(id: string, ports: ReconciliationPorts): Promise<Reconciliation> {
  const agreement = ports.registry.snapshot.find("AccessAgreement", id)?.value;
  if (agreement === undefined) throw new MeshError("NOT_FOUND", "There is no agreement of that id.");
  if (agreement.delivery === "push")
    throw new MeshError(
      "CONFLICT",
      "The stream of this agreement is pushed: no gateway of the subscriber's has received it, so there is no second log.",
    );
  const publishing = agreement.provider === ports.owner;
  const other = publishing ? agreement.consumer : agreement.provider;
  const partner = ports.registry.snapshot.partner(other);
  if (partner === undefined) throw new MeshError("NOT_FOUND", `The card of ${other} is not accepted here.`);
  const client = ports.clientOf(partner);
  const done = new AbortController();
  try {
    const reconciling = new Reconciling(id);
    const ours = ownFrames(id, publishing ? "publisher" : "subscriber", ports, reconciling);
    const theirs = partnerFrames(id, client, done.signal);
    await readBoth(
      reconciling,
      publishing ? { ours, theirs, oursIs: "publisher" } : { ours, theirs, oursIs: "subscriber" },
    );
    return reconciling.conclude();
  } finally {
    done.abort();
    await client.close();
  }
}

async function* ownFrames(
  id: string,
  side: Side,
  { log }: ReconciliationPorts,
  reconciling: Reconciling,
): AsyncGenerator<FrameSummary> {
  for await (const decision of log(id)) {
    const beginning = beginningIn(decision, id);
    if (beginning !== undefined) reconciling.begin(beginning);
    yield* frameSummaries([decision], id, side);
  }
}

async function* partnerFrames(
  id: string,
  client: PartnerClient,
  signal: AbortSignal,
): AsyncGenerator<FrameSummary> {
  const bytes = await client.stream("GET", `/v1/agreements/${id}/frames`, undefined, signal);
  for await (const line of linesOf(bytes, SUMMARY_LENGTH_MAX)) yield readSummary(line);
}

/** A partner drops a reader that takes nothing for a minute (`LIMITS.http.stallMsMax`): so much is taken before, out of step. */
const STALL = { ms: 20_000, frames: 1_024 };

interface Readings {
  readonly ours: AsyncIterator<FrameSummary>;
  readonly theirs: AsyncIterator<FrameSummary>;
  readonly oursIs: Side;
}

/**
 * Reads both logs at the same time. A log's end is that of its first reading, and the subscriber's is begun first: the publisher writes a
 * frame down before it sends it, so what the subscriber has stands before the publisher's end.
 */
async function readBoth(reconciling: Reconciling, { ours, theirs, oursIs }: Readings): Promise<void> {
  const theirsIs = oursIs === "publisher" ? "subscriber" : "publisher";
  const take = async (side: Side): Promise<boolean> => {
    const { value, done } = await (side === oursIs ? ours : theirs).next();
    if (done === true) reconciling.end(side);
    else reconciling.take(side, kept(value));
    return done !== true;
  };
  let heard = performance.now();
  let isEnded = false;
  for await (const side of inTurns(sidesOf(reconciling))) {
    if (side === theirsIs) {
      heard = performance.now();
      isEnded = !(await take(side));
      continue;
    }
    await take(side);
    if (isEnded || performance.now() - heard < STALL.ms) continue;
    for (let frames = 0; frames < STALL.frames && !isEnded; frames += 1) isEnded = !(await take(theirsIs));
    heard = performance.now();
  }
}

function* sidesOf(reconciling: Reconciling): Generator<Side> {
  for (let side = reconciling.next(); side !== undefined; side = reconciling.next()) yield side;
}
