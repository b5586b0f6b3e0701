import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLASSIFICATIONS } from "../../kernel/contract.ts";
import type { Json } from "../../kernel/json.ts";
import type { Change } from "../../mesh/changes.ts";
import type { Call } from "../call.ts";
import { cardProposal } from "../card-proposal.ts";
import { type Command, FOLDER, JSON_SWITCH } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { openFolder } from "../folder.ts";
import { type Operator, withOperator } from "../operator.ts";
import { printResult } from "../output.ts";
import { hasErrors, problemText } from "../problem-text.ts";
import { bodyOf, type FileProposal, findProposals } from "../proposals.ts";
import { EXIT, ProblemsFound, UsageError } from "../refusal.ts";

const SIGNS = { created: "new", changed: "changed", unchanged: "as it was" } as const;

/** `tiermesh apply PATH…`: what is in these files is in force from now on. */
export const apply: Command = {
  usage: "apply <path...>",
  summary: "Put cards, partners, contracts, policies and agreements in force; shows the difference first.",
  options: [
    FOLDER,
    JSON_SWITCH,
    { flags: "--dry-run", text: "show the difference only" },
    { flags: "--fingerprint <text>", text: "of a card: as its company read it aloud" },
    { flags: "--name <name>", text: "of a card: what the partner is called here" },
    {
      flags: "--clearance <class>",
      text: "of a card: the highest classification that may leave",
      choices: CLASSIFICATIONS,
    },
    { flags: "--groups <names>", text: "of a card: groups, with commas between" },
    { flags: "--country <code>", text: "of a card: ISO 3166-1 alpha-2" },
  ],
  run: async (call, context) => {
    const found = findProposals(call.args, context);
    if (hasErrors(found.problems)) throw new ProblemsFound(found.problems);
    if (found.cards.length > 1)
      throw new UsageError("One card at a time: each has a fingerprint of its own.");
    const partners = found.cards.map((card) => cardProposal(card, call, context));
    for (const problem of found.problems) context.err.write(problemText(problem, context.err));
    const proposals = [...partners, ...found.proposals];
    await withOperator(call, context, (operator) => applyAll(proposals, operator, call, context));
    if (!call.has("dryRun")) for (const partner of partners) keep(partner, call, context);
    return EXIT.done;
  },
};

/** Every difference is shown before the first is put in force, so that a refusal of the last leaves nothing half done. */
async function applyAll(
  proposals: readonly FileProposal[],
  operator: Operator,
  call: Call,
  context: Context,
): Promise<void> {
  const changes: Change[] = [];
  for (const proposal of proposals) {
    const change = (await operator.json(
      "POST",
      "/operator/changes?dry=true",
      bodyOf(proposal),
    )) as unknown as Change;
    changes.push(change);
    if (call.format === "table") context.out.write(changeText(change));
  }
  if (!call.has("dryRun"))
    for (const proposal of proposals) await operator.json("POST", "/operator/changes", bodyOf(proposal));
  if (call.format !== "table") printResult(context, call.format, changes as unknown as Json, () => "");
}

/** One change for people: what it is called here, what becomes of it, and where it differs. */
export function changeText({ kind, name, title, outcome, differences }: Change): string {
  const called = title === undefined ? name : `${title} (${name})`;
  const lines = [`${kind} ${called}: ${SIGNS[outcome]}`, ...differences.map((place) => `  ${place}`)];
  return lines.map((line) => `${shown(line)}\n`).join("");
}

/** Once in force it is a file in partners/ as well, for `explain` and `preview` and whoever reviews. */
function keep({ files }: FileProposal, call: Call, context: Context): void {
  const partners = join(openFolder(call.text("folder"), context).path, "partners");
  mkdirSync(partners, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(partners, name), text);
}
