import { LIVE_STATES } from "../../kernel/agreement.ts";
import { MeshError } from "../../kernel/error.ts";
import type { Clock, DecisionLog } from "../../kernel/ports.ts";
import type { LinkControl } from "../../mesh/registry/link-control.ts";
import type { Registry } from "../../mesh/registry/registry.ts";

export interface LinkControlPorts {
  /** Own company URN. */
  readonly owner: string;
  readonly registry: Registry;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
}

/** What an operator may do to this company's end of a link: act → how the log calls it. */
const ACTS = { pause: "link.paused", resume: "link.resumed" } as const;
export type LinkAct = keyof typeof ACTS;

/**
 * Pauses this company's end of a link, or lets it go on; a link that was not paused tries again at once what it waits with. It
 * stands in the registry, so that it holds on every replica and over restarts, after its record in the audit. Throws NOT_FOUND,
 * CONFLICT.
 */
export async function controlLink(
  agreement: string,
  act: LinkAct,
  reason: string,
  { owner, registry, decisions, clock }: LinkControlPorts,
): Promise<LinkControl> {
  const known = registry.snapshot.find("AccessAgreement", agreement)?.value;
  if (known === undefined) throw new MeshError("NOT_FOUND", "There is no agreement of that id.");
  const before = registry.snapshot.find("LinkControl", agreement)?.value;
  if (act === "pause" && before?.paused === true) return before;
  if (!LIVE_STATES.has(known.status))
    throw new MeshError("CONFLICT", `The agreement is ${known.status}; it has no link to ${act}.`);
  const at = new Date(clock.now()).toISOString();
  const partner = known.provider === owner ? known.consumer : known.provider;
  await decisions.append([
    {
      kind: "act",
      act: ACTS[act],
      time: at,
      actor: "operator",
      partner,
      agreement,
      ...(reason !== "" && { note: reason }),
    },
  ]);
  const control: LinkControl = { agreement, paused: act === "pause", reason, at };
  const main = "control.json";
  const files = { [main]: JSON.stringify({ kind: "LinkControl", ...control }) };
  await registry.put({
    kind: "LinkControl",
    name: agreement,
    main,
    files,
    acceptedAt: at,
    acceptedBy: "operator",
  });
  return control;
}
