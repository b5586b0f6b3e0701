import type { DecisionFilter } from "../../audit/query.ts";
import type { Decision } from "../../kernel/decision.ts";
import type { Json } from "../../kernel/json.ts";
import type { Call } from "../call.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import type { Context } from "../context.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, UsageError } from "../refusal.ts";
import { tableText } from "../table.ts";

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
    let decisions: Decision[] = [];
    await withOperator(call, context, async (operator) => {
      const partners = (await operator.json(
        "GET",
        "/operator/things/partners",
      )) as unknown as readonly NamedPartner[];
      for await (const line of operator.lines("/operator/audit/query", filterOf(call, partners))) {
        decisions.push(JSON.parse(line) as Decision);
        if (decisions.length > 2 * last) decisions = decisions.slice(-last);
      }
    });
    decisions = decisions.slice(-last);
    printResult(context, call.format, decisions, () => tableOf(decisions, context));
    return EXIT.done;
  },
};

interface NamedPartner {
  readonly name: string;
  readonly id: string;
}

function filterOf(call: Call, partners: readonly NamedPartner[]): Json {
  const partner = call.text("partner");
  const given: { readonly [Name in keyof DecisionFilter]: DecisionFilter[Name] | undefined } = {
    partner: partners.find(({ name }) => name === partner)?.id ?? partner,
    contract: call.text("contract"),
    agreement: call.text("agreement"),
    from: timeOf(call, "since"),
    until: timeOf(call, "until"),
    outcome: call.text("outcome") as DecisionFilter["outcome"],
    pointer: call.text("field"),
    rule: call.text("rule"),
    code: call.text("code"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Json;
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

const COLUMNS = [
  { head: "time", cell: ({ time }: Decision) => time },
  { head: "partner", cell: ({ partner }: Decision) => partner ?? "" },
  {
    head: "contract",
    cell: ({ contract }: Decision) =>
      typeof contract === "object" ? `${contract.name}@${contract.version}` : (contract ?? ""),
  },
  { head: "what", cell: (decision: Decision) => (decision.kind === "act" ? decision.act : whatOf(decision)) },
  { head: "why", cell: whyOf },
];

const whatOf = ({ partition, sequence, count, summary }: Extract<Decision, { kind: "frame" }>): string => {
  const records = count === 0 ? "no records" : `records ${sequence}–${sequence + count - 1}`;
  const denied = summary === undefined || summary.denied === 0 ? "" : `, ${summary.denied} denied`;
  return `partition ${partition}: ${records}${denied}`;
};

/** Fields that were changed and reasons for denials, with how often; for acts who and the words given. */
function whyOf(decision: Decision): string {
  if (decision.kind === "act")
    return [decision.actor, decision.code, decision.note].filter(Boolean).join(": ");
  const fields = Object.entries(decision.summary?.fields ?? {}).flatMap(([pointer, actions]) =>
    Object.entries(actions).flatMap(([action, times]) =>
      action === "share" ? [] : [`${pointer} ${action} ×${times}`],
    ),
  );
  const codes = new Map<string, number>();
  for (const { reasons } of decision.summary?.denials ?? [])
    for (const { code } of reasons) codes.set(code, (codes.get(code) ?? 0) + 1);
  return [...fields, ...[...codes].map(([code, times]) => `${code} ×${times}`)].join(", ");
}

const tableOf = (decisions: readonly Decision[], { out }: Context): string =>
  decisions.length === 0 ? "none\n" : tableText(COLUMNS, decisions, out);
