import { type Explanation, explainPlan } from "../../policy/explain.ts";
import type { ExplainedField } from "../../policy/explain-field.ts";
import { partnerSchema } from "../../policy/partner-schema.ts";
import type { Call } from "../call.ts";
import { type Command, OUTPUT } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { explainDecision } from "../explain/decision.ts";
import { fieldText } from "../explain/field-text.ts";
import { planText } from "../explain/plan-text.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { SUBJECT_OPTIONS, type Subject, subjectOf } from "../preview/terms.ts";
import { EXIT, type Exit, Refusal, UsageError } from "../refusal.ts";

/** Why what happens to a partner's stream happens: field by field before anything flows, and record by record afterwards. */
export const explain: Command = {
  usage: "explain [contract]",
  summary: "Say for every field whether it leaves to a partner, how, by which rule, and how to change that.",
  options: [
    ...SUBJECT_OPTIONS,
    { flags: "--field <path>", text: "the whole story of one field, for example /plannerEmail, or of key" },
    { flags: "--schema", text: "the JSON Schema of what the partner gets" },
    {
      flags: "--decision <id>",
      text: "why the records of a decision stayed: ids as audit query prints them",
    },
    { flags: "--offset <n>", text: "with --decision: of this record alone" },
    ...OUTPUT,
  ],
  run(call, context) {
    const decision = call.text("decision");
    if (decision !== undefined)
      return withOperator(call, context, (operator) => explainDecision(decision, operator, call, context));
    if (call.text("offset") !== undefined) throw new UsageError("--offset goes with --decision.");
    if (call.arg(0) === "") throw new UsageError("Name a contract, or a decision with --decision.");
    return explainSubject(subjectOf(call, context), call, context);
  },
};

function explainSubject(subject: Subject, call: Call, context: Context): Exit {
  if (call.has("schema")) {
    context.out.write(`${JSON.stringify(partnerSchema(subject.plan), undefined, 2)}\n`);
    return EXIT.done;
  }
  const explanation = explainPlan(subject.input, subject.places, subject.compile);
  const path = call.text("field");
  if (path !== undefined) {
    const field = fieldOf(path, explanation);
    printResult(context, call.format, field, () => fieldText(field, context.out));
    return EXIT.done;
  }
  printResult(context, call.format, machineForm(subject, explanation), () => {
    const { contract, partner, plan } = subject;
    const title = `${contract.ref.name} ${contract.ref.version} for ${partner.name} (${partner.card.id}), ${plan.purpose}`;
    const head = `${context.out.paint("bold", shown(title))}\nContract ${contract.ref.digest}\n\n`;
    return head + planText(explanation, context.out);
  });
  return EXIT.done;
}

/** Everything: of the plan as it is, and as it is explained. */
function machineForm({ contract, partner }: Subject, { plan, ...explained }: Explanation): object {
  const { name, version, digest } = contract.ref;
  const { purpose, bundles, validity, conditions, age, limits, quota } = plan;
  const { tombstones, onwardSharing, pseudonymEpoch, recipient } = plan;
  return {
    contract: { name, version, digest },
    partner: partner.card.id,
    purpose,
    plan: plan.digest,
    bundles,
    ...{ validity, conditions, age, limits, quota, tombstones, onwardSharing, pseudonymEpoch, recipient },
    ...explained,
  };
}

function fieldOf(path: string, { fields }: Explanation): ExplainedField {
  const found = fields.find((field) => field.path === path);
  if (found !== undefined) return found;
  throw new Refusal({
    title: "There is no such field",
    detail: `The contract lists no ${path}. What it does not list stays.`,
    mend: `Name one of ${fields.map((field) => field.path).join(", ")}.`,
  });
}
