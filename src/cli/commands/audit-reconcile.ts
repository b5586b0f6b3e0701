import type { Reconciliation } from "../../audit/reconciliation.ts";
import type { JsonMembers } from "../../kernel/json.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, Refusal } from "../refusal.ts";
import { tableText } from "../table.ts";

interface Row {
  readonly agreement: string;
  readonly partition: PartitionRow;
}
type PartitionRow = Reconciliation["partitions"][number];

/** `tiermesh audit reconcile [AGREEMENT]`: is what left us what reached the partner, by digest and count? */
export const auditReconcile: Command = {
  usage: "audit reconcile [agreement]",
  summary: "Hold our log against the partner's; exit 1 where they differ.",
  options: [FOLDER, ...OUTPUT],
  run: async (call, context) => {
    const results = await withOperator(call, context, async (operator) => {
      const agreements = (await operator.json(
        "GET",
        "/operator/things/agreements",
      )) as readonly JsonMembers[];
      const wanted = agreements
        .filter(({ status }) => status !== "requested" && status !== "rejected")
        // Of a pushed stream there is one log alone: who names it is told so.
        .filter(({ delivery }) => delivery !== "push" || call.arg(0) !== "")
        .map(({ id }) => String(id))
        .filter((id) => id.startsWith(call.arg(0)));
      if (call.arg(0) !== "" && wanted.length === 0)
        throw new Refusal({
          title: "There is nothing to reconcile",
          detail: `No agreement that was ever approved begins with ${call.arg(0)}.`,
          mend: "List them with `tiermesh get agreements`.",
        });
      const found: { agreement: string; reconciliation: Reconciliation }[] = [];
      for (const agreement of wanted) {
        const answer = await operator.json("POST", `/operator/audit/reconcile/${agreement}`);
        found.push({ agreement, reconciliation: answer as unknown as Reconciliation });
      }
      return found;
    });
    printResult(context, call.format, results, () => textOf(results, context));
    return results.every(({ reconciliation }) => reconciliation.agreed) ? EXIT.done : EXIT.refused;
  },
};

const COLUMNS = [
  { head: "agreement", cell: ({ agreement }: Row) => agreement.slice(0, 8) },
  { head: "partition", cell: ({ partition }: Row) => String(partition.partition) },
  {
    head: "frames",
    cell: ({ partition }: Row) => `${partition.publisher.frames} = ${partition.subscriber.frames}`,
  },
  {
    head: "records",
    cell: ({ partition }: Row) => `${partition.publisher.records} = ${partition.subscriber.records}`,
  },
  {
    head: "deletions",
    cell: ({ partition }: Row) => `${partition.publisher.erasures} = ${partition.subscriber.erasures}`,
  },
  { head: "sent again", cell: ({ partition }: Row) => String(partition.publisher.superseded) },
  { head: "under way", cell: ({ partition }: Row) => String(partition.publisher.inFlight) },
  {
    head: "result",
    cell: ({ partition: { discrepancies, unlisted = 0 } }: Row) =>
      discrepancies.length === 0 ? "agreed" : `${discrepancies.length + unlisted} differ`,
  },
];

function textOf(
  results: readonly { readonly agreement: string; readonly reconciliation: Reconciliation }[],
  { out }: Context,
): string {
  const rows = results.flatMap(({ agreement, reconciliation }) =>
    reconciliation.partitions.map((partition) => ({ agreement, partition })),
  );
  const faults = rows.flatMap(({ agreement, partition }) =>
    partition.discrepancies.map(
      (fault) => `${agreement} partition ${partition.partition}: ${JSON.stringify(fault)}`,
    ),
  );
  const stopped = results.flatMap(({ agreement, reconciliation }) =>
    reconciliation.stopped === undefined
      ? []
      : `${agreement} was not compared to its end: ${reconciliation.stopped}`,
  );
  const lines = [...faults, ...stopped].map((line) => `${shown(line)}\n`).join("");
  return rows.length + stopped.length === 0
    ? "no agreement to reconcile\n"
    : `${tableText(COLUMNS, rows, out)}${lines}`;
}
