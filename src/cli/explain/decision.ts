import type { Partner } from "../../kernel/company.ts";
import type { FrameDecision } from "../../kernel/decision.ts";
import { type ExplainedReason, explainReason, type ReasonGround } from "../../policy/explain-reason.ts";
import { placeText } from "../../policy/explain-sources.ts";
import type { Call } from "../call.ts";
import { type Context, shown } from "../context.ts";
import { decisionId } from "../decision-table.ts";
import { type Folder, openFolder } from "../folder.ts";
import type { Operator } from "../operator.ts";
import { printResult } from "../output.ts";
import { readable } from "../preview/company-facts.ts";
import { rulePlaces } from "../preview/places.ts";
import { EXIT, type Exit, Refusal, UsageError } from "../refusal.ts";

/** A record that stayed, with everything that is known of why. */
interface ExplainedDenial {
  readonly offset: string;
  readonly reasons: readonly ExplainedReason[];
}

/** Why the records of a decision stayed. The rules' places are those of the folder's files as they are today. */
export async function explainDecision(
  id: string,
  operator: Operator,
  call: Call,
  context: Context,
): Promise<Exit> {
  const wanted = idOf(id);
  const offset = offsetOf(call);
  const decision = await findDecision(wanted, operator);
  const { ground, notes } = groundOf(decision, openFolder(call.text("folder"), context), context);
  const denials = denialsOf(decision, offset).map((denial) => ({
    offset: denial.offset,
    reasons: denial.reasons.map((reason) => explainReason(reason, ground)),
  }));
  for (const note of notes) context.err.write(`${context.err.paint("dim", shown(note))}\n`);
  printResult(context, call.format, { decision, denials, notes }, () =>
    decisionText(decision, denials, context),
  );
  return EXIT.done;
}

/** At least the eight digits that people compare; with or without the algorithm's name. */
const ID = /^(?:sha-256:)?([0-9a-f]{8,64})$/;

function idOf(text: string): string {
  const hex = ID.exec(text)?.[1];
  if (hex !== undefined) return `sha-256:${hex}`;
  throw new UsageError("--decision is no id such as `audit query` prints: 8 to 64 hex digits.");
}

function offsetOf(call: Call): string | undefined {
  const text = call.text("offset");
  if (text !== undefined && !/^(?:0|[1-9]\d{0,18})$/.test(text))
    throw new UsageError("--offset is not a whole number from 0.");
  return text;
}

/** Throws Refusal when there is none, or more than one begins so. What was written twice is one decision. */
async function findDecision(id: string, operator: Operator): Promise<FrameDecision> {
  const found = new Map<string, FrameDecision>();
  for await (const line of operator.lines("/operator/audit/query", { kind: "frame" })) {
    const decision = JSON.parse(line) as FrameDecision;
    if (decision.frame.startsWith(id)) found.set(decision.frame, decision);
  }
  const [first, ...others] = found.values();
  if (first !== undefined && others.length === 0) return first;
  throw new Refusal(
    first === undefined
      ? {
          title: "There is no such decision",
          detail: `The log of this gateway has no decision on a frame whose id begins with ${id.replace("sha-256:", "")}.`,
          mend: "Copy an id from `tiermesh audit query --outcome denied`; acts have none.",
        }
      : {
          title: "The decision is not named clearly",
          detail: `${found.size} decisions begin so: ${[...found.values()].map(decisionId).join(", ")}.`,
          mend: "Name it with more digits.",
        },
  );
}

/** What stayed; of one record only, if one is asked for. */
function denialsOf({ summary }: FrameDecision, offset: string | undefined) {
  const denials = summary?.denials ?? [];
  if (offset === undefined) return denials;
  const found = denials.filter((denial) => denial.offset === offset);
  if (found.length > 0) return found;
  const span =
    summary === undefined
      ? "This side decides on frames whole and denies no record."
      : `It is about the offsets ${summary.firstOffset} to ${summary.lastOffset}, and lists ${denials.length} of ${summary.denied} denied records.`;
  throw new Refusal({
    title: "The decision lists no denial of that record",
    detail: `The record at offset ${offset} left, or is not part of the decision. ${span}`,
    mend: "Leave --offset out to see all of them, or look for the record's own decision.",
  });
}

/** What the folder's files say of the rules; what can't be read there is left out, and told. */
function groundOf(
  { contract: ref, partner: id }: FrameDecision,
  folder: Folder,
  context: Context,
): { readonly ground: ReasonGround; readonly notes: readonly string[] } {
  const contract = readable(() => folder.contract(`${ref.name}@${ref.version}`));
  const partner: Partner | undefined = readable(() => folder.partner(id));
  const bundles = readable(() => folder.bundles);
  const notes = [
    ...(contract === undefined
      ? [`This folder has no contract ${ref.name}@${ref.version} that can be read.`]
      : []),
    ...(contract !== undefined && contract.value.ref.digest !== ref.digest
      ? ["The contract in this folder is another text than the one that was decided under."]
      : []),
    ...(bundles === undefined ? ["The policies of this folder can't be read."] : []),
  ];
  const files = { folder: folder.path, partner: partner?.name ?? "", agreement: undefined };
  const places = rulePlaces({ ...files, contract: contract?.path ?? "" }, context);
  return { ground: { contract: contract?.value, bundles: bundles ?? [], places }, notes };
}

function decisionText(
  decision: FrameDecision,
  denials: readonly ExplainedDenial[],
  { out }: Context,
): string {
  const { contract, partner, partition, time, plan, count, summary } = decision;
  const listed = summary?.denials.length ?? 0;
  const unlisted = (summary?.denied ?? 0) - listed;
  const counts =
    summary === undefined
      ? `${count} records, taken whole: this side denies none.`
      : `${summary.read} records read, ${summary.permitted} left, ${summary.denied} stayed.`;
  const head = (text: string): string => out.paint("bold", shown(text));
  const about = [
    `${contract.name} ${contract.version} and ${partner}, partition ${partition}, plan ${plan}`,
    counts,
    ...(unlisted > 0
      ? [`A decision lists ${listed} denials at most: ${unlisted} more are only counted.`]
      : []),
  ];
  return [
    head(`Decision ${decisionId(decision)} of ${time}`),
    ...about.map(shown),
    ...denials.flatMap(({ offset, reasons }) => [
      "",
      head(`Offset ${offset}`),
      ...reasons.flatMap(reasonLines).map(shown),
    ]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function reasonLines({ code, module, pointer, sentence, where, mend }: ExplainedReason): readonly string[] {
  const at = pointer === undefined ? "" : ` at ${pointer === "" ? "the root" : pointer}`;
  const by = [module, ...where.map(placeText)].filter(Boolean).join(", ");
  return [`  ${code}${at}${by === "" ? "" : ` (${by})`}`, `    ${sentence}`, `    ${mend}`];
}
