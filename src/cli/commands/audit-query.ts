import type { DecisionFilter } from "../../audit/query.ts";
import type { Decision } from "../../kernel/decision.ts";
import type { JsonMembers } from "../../kernel/json.ts";
import { readTime } from "../../kernel/time-text.ts";
import { isCompanyId } from "../../kernel/uri.ts";
import type { Call } from "../call.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import { decisionTable } from "../decision-table.ts";
import { withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { EXIT, Refusal, UsageError } from "../refusal.ts";

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
      const rowsOf = async (kind: string) =>
        (await operator.json("GET", `/operator/things/${kind}`)) as readonly JsonMembers[];
      const partner =
        filter.partner === undefined ? undefined : partnerOf(filter.partner, await rowsOf("partners"));
      const agreement =
        filter.agreement === undefined
          ? undefined
          : agreementOf(filter.agreement, await rowsOf("agreements"));
      const wanted = { ...filter, ...(partner && { partner }), ...(agreement && { agreement }) };
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

/** Of a UUID. */
const ID_LENGTH = 36;

/** Also of a company that is no partner any more. */
function partnerOf(nameOrId: string, partners: readonly JsonMembers[]): string {
  const id = partners.find(({ name }) => name === nameOrId)?.id;
  if (id !== undefined) return String(id);
  if (isCompanyId(nameOrId)) return nameOrId;
  throw unknown("partner", nameOrId);
}

/** By its first digits, as every command takes it; whole, also one that was refused and never became ours. */
function agreementOf(digits: string, agreements: readonly JsonMembers[]): string {
  const ids = agreements.map(({ id }) => String(id)).filter((id) => id.startsWith(digits));
  const [id, ...others] = ids.includes(digits) ? [digits] : ids;
  if (id !== undefined && others.length === 0) return id;
  if (digits.length === ID_LENGTH) return digits;
  throw unknown("agreement", digits);
}

/** Nothing found would be taken for nothing decided. */
const unknown = (kind: string, name: string): Refusal =>
  new Refusal({
    title: `There is no such ${kind}`,
    detail: `No ${kind} is called ${name}, or more than one begins so.`,
    mend: `List them with \`tiermesh get ${kind}s\`.`,
  });

function filterOf(call: Call): DecisionFilter {
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
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function timeOf(call: Call, option: string): number | undefined {
  const text = call.text(option);
  if (text === undefined) return undefined;
  const time = readTime(text);
  if (time === undefined) throw new UsageError(`--${option} is not a time such as 2026-11-22T09:00:00Z.`);
  return time;
}

function lastOf(call: Call): number {
  const text = call.text("last");
  if (text === undefined) return Number.MAX_SAFE_INTEGER;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError("--last is not a whole number from 1.");
  return Number(text);
}
