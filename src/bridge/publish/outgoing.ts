import type { ActDecision, ShadowSummary } from "../../kernel/decision.ts";
import type { Emit } from "../../kernel/signal.ts";
import type { FrameDraft } from "../frames/frame-chain.ts";
import type { Decided } from "../pump.ts";
import { chainOf, type Publication } from "./publication.ts";

/** Frames, and ends of partitions, that are ready to leave once their decisions are durable. */
export interface Outgoing extends Decided {
  readonly drafts: readonly FrameDraft[];
  /** Partitions that end here, with their codes. */
  readonly halts: readonly ActDecision[];
  /** By which they were decided. */
  readonly publication: Publication;
}

/** Puts frames together with all that is to be written down about them, and tells what is to be told. */
export function outgoing(
  { drafts, halts }: Pick<Outgoing, "drafts" | "halts">,
  publication: Publication,
  { emit }: { readonly emit: Emit },
  now: number,
): Outgoing {
  const decisions = drafts.map(({ decision }) => decision);
  for (const { body, decision } of drafts) {
    const { count, summary } = decision;
    const about = { partner: publication.agreement.consumer, agreement: chainOf(publication) };
    emit({ name: "link.frame.sent", ...about });
    emit({ name: "link.records.sent", ...about, count });
    emit({ name: "link.bytes.sent", ...about, count: body.length });
    emit({ name: "link.records.denied", ...about, count: summary?.denied ?? 0 });
    if (summary?.shadow !== undefined) tellShadow(summary.shadow, publication, emit, now);
  }
  const records = decisions.reduce((sum, { count }) => sum + count, 0);
  const alarms = alarmOf(records, publication, emit, now);
  return { decisions: [...decisions, ...halts, ...alarms], drafts, halts, publication };
}

function tellShadow(shadow: ShadowSummary, publication: Publication, emit: Emit, now: number): void {
  const about = { partner: publication.agreement.consumer, agreement: publication.agreement.id };
  const { compared, denied, fields } = shadow;
  emit({ name: "link.records.shadow.compared", ...about, count: compared });
  emit({ name: "link.records.shadow.denied", ...about, count: denied });
  if (publication.shadow?.isToTell(shadow, now) !== true) return;
  const detail = `Bundles in shadow mode would deny ${denied} of ${compared} records besides, and change ${Object.keys(fields).length} fields.`;
  emit({ name: "policy.shadow.differs", ...about, detail });
}

/** Written down with the frames that made too many of them, before they leave; nothing is stopped. */
function alarmOf(
  records: number,
  { agreement, contract, meter, route }: Publication,
  emit: Emit,
  now: number,
): readonly ActDecision[] {
  const { quota } = route.plan;
  if (!meter.alarms(quota, records, now)) return [];
  const note = `More than ${quota.alarmRecordsPerHour} records left within an hour.`;
  const about = { partner: agreement.consumer, agreement: agreement.id };
  emit({ name: "quota.alarm", ...about, detail: note });
  return [
    {
      kind: "act",
      act: "quota.alarm",
      time: new Date(now).toISOString(),
      actor: "gateway",
      ...about,
      contract: `${contract.name}@${contract.version}`,
      note,
    },
  ];
}
