import { REASONS, type ReasonCode } from "../../src/kernel/reason.ts";
import { beforeAfter } from "./before-after.ts";
import { type Flow, tallyOf } from "./flow.ts";
import { frequencies } from "./ledger.ts";

const CHANGES_SHOWN = 3;
const REFUSALS_SHOWN = 6;

/** Which fields left in another form, or not at all, by the publishers' logs: a line a stream. */
export const changeLines = (flows: readonly Flow[]): readonly string[] =>
  flows.map((flow) => {
    const { changed } = tallyOf(flow);
    const most = [...changed].sort(([, one], [, other]) => other - one);
    const shown = most.slice(0, CHANGES_SHOWN).map(([name, times]) => `${name} ×${times}`);
    const more = most.length > CHANGES_SHOWN ? ` and ${most.length - CHANGES_SHOWN} more` : "";
    return `changed ${flow.feed.contract.padEnd(21)} ${shown.join(", ")}${more}`;
  });

/** Why records did not leave, by the publishers' logs: a line a reason. */
export const refusalLines = (flows: readonly Flow[]): readonly string[] =>
  frequencies(flows.flatMap((flow) => [...tallyOf(flow).denied.values()]))
    .slice(0, REFUSALS_SHOWN)
    .map(([code, times]) => `refused ×${String(times).padEnd(5)} ${code}: ${REASONS[code as ReasonCode]}`);

/** The newest record of a stream, field by field, at both ends. */
export function pairLines(flow: Flow): readonly string[] {
  const { contract, from, to } = flow.feed;
  const rows = beforeAfter(flow)?.map(
    ({ field, before = "–", after = "(stays at home)" }) =>
      `  ${field.padEnd(37)} ${before.slice(0, 40).padEnd(41)} ${after === before ? "the same" : after}`,
  );
  return rows === undefined ? [] : [`one record of ${contract}, in ${from}'s Kafka and in ${to}'s:`, ...rows];
}
