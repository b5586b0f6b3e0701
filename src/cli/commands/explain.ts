import { type ExplainedField, explainDenials, explainPlan } from "../../policy/explain.ts";
import { type Command, OUTPUT } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { printResult } from "../output.ts";
import { SUBJECT_OPTIONS, type Subject, subjectOf } from "../preview/terms.ts";
import { EXIT } from "../refusal.ts";
import { type Column, tableText } from "../table.ts";

/** Every field of a contract: whether it leaves to a partner, how it is changed, and which rule says so. */
export const explain: Command = {
  usage: "explain <contract>",
  summary: "Say for every field whether it leaves to a partner, how it is changed, and which rule says so.",
  options: [...SUBJECT_OPTIONS, ...OUTPUT],
  run(call, context) {
    const subject = subjectOf(call, context);
    const { plan, contract, partner } = subject;
    const fields = explainPlan(plan, contract);
    const denials = explainDenials(plan);
    const { name, version, digest } = contract.ref;
    const value = {
      contract: { name, version, digest },
      partner: partner.card.id,
      purpose: plan.purpose,
      plan: plan.digest,
      bundles: plan.bundles,
      denials,
      conditions: plan.conditions,
      fields,
    };
    printResult(context, call.format, value, () => explanation(subject, fields, denials, context));
    return EXIT.done;
  },
};

const COLUMNS: readonly Column<ExplainedField>[] = [
  { head: "FIELD", cell: ({ path }) => path },
  { head: "OUTCOME", cell: ({ effect }) => effect },
  {
    head: "HOW",
    cell: ({ action, detail }) => (action === "share" || action === "drop" ? detail : `${action}: ${detail}`),
  },
  { head: "BY", cell: ({ by }) => by },
  { head: "CLASS", cell: ({ classification = "" }) => classification },
  { head: "CATEGORIES", cell: ({ categories }) => categories.join(", ") },
];

function explanation(
  { contract, partner, plan }: Subject,
  fields: readonly ExplainedField[],
  denials: readonly string[],
  { out }: Context,
): string {
  const title = `${contract.ref.name} ${contract.ref.version} for ${partner.name} (${partner.card.id}), ${plan.purpose}`;
  const conditions = plan.conditions.map(
    ({ field, op, values, module }) =>
      `Only records whose ${field} ${op} ${JSON.stringify(values)} (${module})`,
  );
  return [
    `${out.paint("bold", shown(title))}\n`,
    `Contract ${contract.ref.digest}\n`,
    ...denials.map((denial) => `${out.paint("red", "Nothing leaves:")} ${shown(denial)}\n`),
    ...conditions.map((condition) => `${shown(condition)}\n`),
    "\n",
    tableText(COLUMNS, fields, out),
  ].join("");
}
