import { type FrameSummary, frameSummaries } from "../audit/frame-summary.ts";
import {
  type PartitionReconciliation,
  type Reconciliation,
  reconcileSegment,
  reconciliationOf,
} from "../audit/reconcile.ts";
import { type Beginning, beginningIn, segmentsOf } from "../audit/segments.ts";
import type { Partner } from "../kernel/company.ts";
import type { Decision } from "../kernel/decision.ts";
import { MeshError } from "../kernel/error.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";
import type { PartnerClient } from "../kernel/ports.ts";
import { readPlainJson } from "../kernel/strict-json.ts";
import { inTurns } from "./in-turns.ts";
import { linesOf } from "./lines.ts";
import type { Registry } from "./registry/registry.ts";

export interface ReconciliationPorts {
  readonly owner: string;
  readonly registry: Registry;
  readonly log: () => AsyncIterable<Decision>;
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
    const theirs: FrameSummary[] = [];
    const readTheirs = async (): Promise<void> => {
      const bytes = await client.stream("GET", `/v1/agreements/${id}/frames`, undefined, done.signal);
      for await (const line of inTurns(linesOf(bytes, LINE_LENGTH_MAX))) theirs.push(readSummary(line));
    };
    const ours: FrameSummary[] = [];
    const begun = new Map<string, Beginning>();
    const side = publishing ? "publisher" : "subscriber";
    const readOurs = async (): Promise<void> => {
      for await (const decision of ports.log()) {
        ours.push(...frameSummaries([decision], id, side));
        const beginning = beginningIn(decision, id);
        if (beginning !== undefined) begun.set(JSON.stringify(beginning), beginning);
      }
    };
    // The publisher writes a frame down first, so its log is read last: what the other has, it has then.
    for (const read of publishing ? [readTheirs, readOurs] : [readOurs, readTheirs]) await read();
    const [sent, taken] = publishing ? [ours, theirs] : [theirs, ours];
    const partitions: PartitionReconciliation[] = [];
    for await (const segment of inTurns(segmentsOf(id, sent, taken, [...begun.values()])))
      partitions.push(reconcileSegment(segment));
    return reconciliationOf(partitions);
  } finally {
    done.abort();
    await client.close();
  }
}

/** Characters of one frame's summary. */
const LINE_LENGTH_MAX = 4_096;

const TEXTS = ["frame", "body", "previous", "time"] as const;
const COUNTS = ["partition", "sequence", "count"] as const;

const isCount = (value: Json | undefined): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

function readSummary(line: string): FrameSummary {
  const read = readPlainJson(line);
  const value: Json = read.ok ? read.value : null;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw notSummaries();
  const members = value as JsonMembers;
  const sound =
    TEXTS.every((name) => typeof members[name] === "string") &&
    COUNTS.every((name) => isCount(members[name])) &&
    (members.erasures === undefined || isCount(members.erasures));
  if (!sound) throw notSummaries();
  return members as unknown as FrameSummary;
}

const notSummaries = (): MeshError =>
  new MeshError("PARTNER_ANSWER_INVALID", "The partner's answer is not a list of frames.");
