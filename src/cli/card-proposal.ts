import { readFileSync } from "node:fs";
import type { Classification } from "../kernel/contract.ts";
import type { Problem } from "../kernel/problem.ts";
import { readEntry } from "../mesh/registry/snapshot.ts";
import { partnerDocument } from "../tenants/partner-file.ts";
import type { Call } from "./call.ts";
import { shownPath } from "./files.ts";
import { yamlText } from "./output.ts";
import { hasErrors } from "./problem-text.ts";
import type { FileProposal } from "./proposals.ts";
import { ProblemsFound, Refusal, UsageError } from "./refusal.ts";

/** Place in the partner's file → the option that fills it. */
const OPTIONS: Readonly<Record<string, string>> = {
  "/metadata/name": "--name",
  "/spec/fingerprint": "--fingerprint",
  "/spec/groups": "--groups",
  "/spec/country": "--country",
};

/**
 * What we think of a partner, out of the file of its card and what the caller says of it. Throws UsageError, Refusal when the
 * card is not the one whose fingerprint was read aloud, ProblemsFound when it has errors of its own.
 */
export function cardProposal(card: string, call: Call, { cwd }: { readonly cwd: string }): FileProposal {
  const fingerprint = call.text("fingerprint");
  const name = call.text("name");
  if (fingerprint === undefined || name === undefined)
    throw new UsageError(
      "A card needs --fingerprint, as its company read it aloud, and --name, what it is called here.",
    );
  const cardFile = `${name}.card.yaml`;
  const country = call.text("country");
  const document = partnerDocument({
    name,
    card: cardFile,
    fingerprint,
    groups: call.text("groups")?.split(",") ?? [],
    clearance: (call.text("clearance") ?? "internal") as Classification,
    ...(country !== undefined && { country }),
  });
  const main = `${name}.yaml`;
  const files = { [main]: yamlText(document), [cardFile]: readFileSync(card, "utf8") };
  const proposal: FileProposal = { kind: "Partner", main, files };
  const { problems } = readEntry(proposal);
  if (hasErrors(problems)) throw faultOf(problems, main, shownPath(card, cwd));
  return proposal;
}

/** The partner's file is ours, so the caller is told of options and of the card that was named. */
function faultOf(problems: readonly Problem[], main: string, card: string): Error {
  const swapped = problems.find(({ rule }) => rule === "partner.fingerprint");
  const misspelt = problems.flatMap(({ file, pointer, message }) => {
    const option = Object.keys(OPTIONS).find((place) => pointer.startsWith(place));
    return file === main && option !== undefined ? [`${OPTIONS[option]}: ${message}`] : [];
  });
  if (swapped !== undefined)
    return new Refusal({
      title: "The card is not the one whose fingerprint was given",
      detail: swapped.message,
      place: card,
      mend: swapped.mend,
    });
  if (misspelt.length > 0) return new UsageError(misspelt.join("\n"));
  return new ProblemsFound(problems.map((problem) => ({ ...problem, file: card })));
}
