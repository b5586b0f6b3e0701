import { Buffer } from "node:buffer";
import type { MeshEvent } from "../kernel/cloud-event.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { FieldKeys } from "../kernel/ports.ts";
import type { Reason } from "../kernel/reason.ts";
import type { RecordHeader } from "../kernel/record.ts";
import type { Screen } from "../kernel/screen.ts";
import { keyPseudonym } from "./envelope.ts";
import { strictestFinding } from "./screens.ts";

/** What stands around the data, as far as it would leave. */
interface Envelope {
  readonly event: MeshEvent;
  readonly key: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

interface Screened extends Envelope {
  readonly reasons: readonly Reason[];
}

/**
 * Key, headers and attributes without what the plan's screens find in them: a key becomes its pseudonym or nothing, a header and an
 * attribute go. What the plan keeps back anyway is not looked at. With a reason the record does not leave.
 */
export function screenEnvelope(envelope: Envelope, plan: PolicyPlan, keys: FieldKeys): Screened {
  if (plan.screens.length === 0) return { ...envelope, reasons: [] };
  const reasons: Reason[] = [];
  const find = (bytes: Uint8Array | string | null | undefined): Screen | undefined => {
    const text = typeof bytes === "string" ? bytes : Buffer.from(bytes ?? []).toString("utf8");
    const finding = strictestFinding(plan.screens, [text]);
    if (finding?.outcome === "deny") reasons.push({ code: "SCREENED", module: finding.by });
    return finding;
  };
  const leaves = new Set(plan.headers);
  for (const name of ["id", "subject", "time"] as const) {
    const origin = plan.event[name];
    if (origin.from === "header") leaves.add(origin.name);
  }
  return {
    key: screenedKey(envelope.key, plan, keys, find),
    headers: envelope.headers.filter(([name, value]) => !leaves.has(name) || find(value) === undefined),
    event: screenedEvent(envelope.event, plan, find),
    reasons,
  };
}

type Find = (text: Uint8Array | string | null | undefined) => Screen | undefined;

/** A key that is made of a field is governed by that field's own screens; a pseudonym shows nothing of the key. */
function screenedKey(
  key: Uint8Array | null,
  { key: { rule }, partner }: PolicyPlan,
  keys: FieldKeys,
  find: Find,
): Uint8Array | null {
  if (key === null || rule === "drop" || rule === "pointer") return key;
  const finding = find(key);
  if (finding === undefined) return key;
  const isPseudonym = finding.outcome === "pseudonymize";
  if (rule === "pseudonymize") return isPseudonym ? key : null;
  return isPseudonym ? keyPseudonym(key, partner, keys) : null;
}

function screenedEvent(event: MeshEvent, { event: rules }: PolicyPlan, find: Find): MeshEvent {
  const kept = (name: "id" | "subject" | "time"): string | undefined =>
    rules[name].from === "event" && find(event[name]) !== undefined ? undefined : event[name];
  return { ...event, id: kept("id"), subject: kept("subject"), time: kept("time") };
}
