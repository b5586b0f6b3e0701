import type { DecisionFilter } from "../../audit/query.ts";
import type { Decision } from "../../kernel/decision.ts";
import type { JsonMembers } from "../../kernel/json.ts";
import type { Call } from "../call.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import { decisionTable } from "../decision-table.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, UsageError } from "../refusal.ts";

const OUTCOMES = ["permitted", "denied", "changed", "act"];

/** `tiermesh audit query`: who got what, when, in which form, and by which rule. */
export const auditQuery: Command = {
  usage: "audit query",
  summary: "The decisions that match, oldest first.",
  options: [
    FOLDER,
    ...OUTPUT,
    { flags: "--partner <partner>", text: "name or URN" },
    { flags: "--contract <contract>", text: "name, id or digest" },
    { flags: "--agreement <id>", text: "agreement" },
    { flags: "--since <time>", text: "RFC 3339, included" },
    { flags: "--until <time>", text: "RFC 3339, excluded" },
    { flags: "--outcome <outcome>", text: "what came of it", choices: OUTCOMES },
    { flags: "--field <pointer>", text: "decisions that touched this field" },
    { flags: "--rule <rule>", text: "contract, agreement, a bundle, or bundle/module" },
    { flags: "--code <code>", text: "a reason's or error's code" },
    { flags: "--last <n>", text: "the newest n only" },
  ],
  run: async (call, context) => {
    const last = lastOf(call);
    const filter = filterOf(call);
    let decisions: Decision[] = [];
    await withOperator(call, context, async (operator) => {
      const partners = (await operator.json(
        "GET",
        "/operator/things/partners",
      )) as unknown as readonly NamedPartner[];
      const partner = partners.find(({ name }) => name === filter.partner)?.id;
      const wanted = { ...filter, ...(partner !== undefined && { partner }) };
      for await (const line of operator.lines("/operator/audit/query", wanted)) {
        decisions.push(JSON.parse(line) as Decision);
        if (decisions.length > 2 * last) decisions = decisions.slice(-last);
      }
    });
    decisions = decisions.slice(-last);
    printResult(context, call.format, decisions, () => decisionTable(decisions, context.out));
    return EXIT.done;
  },
};

interface NamedPartner {
  readonly name: string;
  readonly id: string;
}

function filterOf(call: Call): JsonMembers {
  const given: { readonly [Name in keyof DecisionFilter]: DecisionFilter[Name] | undefined } = {
    partner: call.text("partner"),
    contract: call.text("contract"),
    agreement: call.text("agreement"),
    from: timeOf(call, "since"),
    until: timeOf(call, "until"),
    outcome: call.text("outcome") as DecisionFilter["outcome"],
    pointer: call.text("field"),
    rule: call.text("rule"),
    code: call.text("code"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as JsonMembers;
}

function timeOf(call: Call, option: string): number | undefined {
  const text = call.text(option);
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new UsageError(`--${option} is not a time such as 2026-11-22T09:00:00Z.`);
  return time;
}

function lastOf(call: Call): number {
  const text = call.text("last");
  if (text === undefined) return Number.MAX_SAFE_INTEGER;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError("--last is not a whole number from 1.");
  return Number(text);
}
