import { type Company, type Said, well } from "../../dev/company/company.ts";
import { Call } from "../../src/cli/call.ts";
import { runProgram } from "../../src/cli/command.ts";
import { apply } from "../../src/cli/commands/apply.ts";
import { auditQuery } from "../../src/cli/commands/audit-query.ts";
import { auditReconcile } from "../../src/cli/commands/audit-reconcile.ts";
import { card } from "../../src/cli/commands/card.ts";
import { explain } from "../../src/cli/commands/explain.ts";
import { get } from "../../src/cli/commands/get.ts";
import { init } from "../../src/cli/commands/init.ts";
import type { Context } from "../../src/cli/context.ts";
import { type Operator, withOperator } from "../../src/cli/operator.ts";
import type { Decision } from "../../src/kernel/decision.ts";
import type { Json, JsonMembers } from "../../src/kernel/json.ts";

const SILENT = { write: () => undefined, paint: (_style: string, text: string) => text };
const context: Context = {
  out: SILENT,
  err: SILENT,
  cwd: "/",
  now: Date.now,
  env: () => undefined,
  debug: () => undefined,
  readInput: async () => new Uint8Array(),
};

/** The operator's client, as the commands use it, without starting a process for each question. */
export const operate = <Value>(
  company: Company,
  use: (operator: Operator) => Promise<Value>,
): Promise<Value> => withOperator(new Call([], { folder: company.folder }), context, use);

const COMMANDS = [init, card, apply, get, explain, auditQuery, auditReconcile];

/** What a command says that is run here, without starting a process for it. */
export async function commanded(args: readonly string[], cwd: string): Promise<Said> {
  const said = { stdout: "", stderr: "" };
  const screen = (name: keyof typeof said) => ({
    ...SILENT,
    write: (text: string) => {
      said[name] += text;
    },
  });
  const screens = { out: screen("stdout"), err: screen("stderr") };
  const code = await runProgram(COMMANDS, args, { ...context, cwd, ...screens });
  return { code, ...said };
}

/** The same, of a company. */
export const say = (company: Company, ...args: readonly string[]): Promise<Said> =>
  commanded([...args, "-C", company.folder], company.folder);

/** The same, which must go well. */
export const mustSay = async (company: Company, ...args: readonly string[]): Promise<Said> =>
  well(args, await say(company, ...args));

/** What an operator's act on an agreement answers. */
export const act = (company: Company, agreement: string, what: string, reason = ""): Promise<Json> =>
  operate(company, (operator) =>
    operator.json("POST", `/operator/agreements/${agreement}/${what}`, { reason }),
  );

/** The rows of `tiermesh get KIND -o json`. */
export const rows = async (company: Company, kind: string): Promise<readonly JsonMembers[]> =>
  (await operate(company, (operator) =>
    operator.json("GET", `/operator/things/${kind}`),
  )) as readonly JsonMembers[];

/** The link of an agreement as its subscriber sees it. */
export async function link(company: Company, agreement: string): Promise<JsonMembers> {
  const found = (await rows(company, "links")).find((row) => row.agreement === agreement);
  if (found === undefined) throw new Error(`There is no link of the agreement ${agreement}.`);
  return found;
}

/** The decisions of a company's log that pass a filter, oldest first. */
export const decisions = (company: Company, filter: Json): Promise<readonly Decision[]> =>
  operate(company, async (operator) => {
    const found: Decision[] = [];
    for await (const line of operator.lines("/operator/audit/query", filter)) found.push(JSON.parse(line));
    return found;
  });

/** The counters of a gateway. */
export const metrics = async (company: Company): Promise<JsonMembers> =>
  (await operate(company, (operator) => operator.json("GET", "/operator/metrics"))) as JsonMembers;
