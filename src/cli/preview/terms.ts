import { resolve } from "node:path";
import { nearestName, quoteName } from "../../document/name.ts";
import type { Agreement } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import type { Contract } from "../../kernel/contract.ts";
import type { PolicyPlan } from "../../kernel/plan.ts";
import type { Problem } from "../../kernel/problem.ts";
import { inVain, narrowedInVain } from "../../mesh/narrowing.ts";
import type { RulePlaces } from "../../policy/explain-sources.ts";
import { fieldsFrom } from "../../policy/field-tree.ts";
import { compileWith, type PlanInput } from "../../policy/plan.ts";
import type { KeyRing } from "../../tenants/keys.ts";
import type { Call } from "../call.ts";
import { type CommandOption, FOLDER } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { type Filed, readFile } from "../filed.ts";
import { type Folder, openFolder } from "../folder.ts";
import { problemText } from "../problem-text.ts";
import { Refusal } from "../refusal.ts";
import { sampleKeys } from "../sample-keys.ts";
import { companyFacts } from "./company-facts.ts";
import { rulePlaces } from "./places.ts";

/** Under which terms a contract is looked at for a partner. */
interface Terms {
  readonly agreement: Agreement | undefined;
  readonly purpose: string;
  /** Milliseconds since 1970: when the decisions are made. */
  readonly now: number;
  /** Which terms these are, for people. */
  readonly notice: string;
  /** Absolute path of the agreement's file. */
  readonly path: string | undefined;
}

/** What explain and preview are about. */
export interface Subject {
  readonly contract: Contract;
  readonly partner: Partner;
  readonly terms: Terms;
  /** What the plan is compiled from. */
  readonly input: PlanInput;
  /** With the modules that the folder's bundles may use. */
  readonly compile: (input: PlanInput) => PolicyPlan;
  readonly plan: PolicyPlan;
  readonly keys: Pick<KeyRing, "pseudonyms" | "sealer" | "opaque">;
  /** Where the rules stand. */
  readonly places: RulePlaces;
}

export const SUBJECT_OPTIONS: readonly CommandOption[] = [
  FOLDER,
  { flags: "--partner <name>", text: "name or company URN of the partner" },
  { flags: "--agreement <file>", text: "the agreement to take (default: the folder's own)" },
  { flags: "--purpose <purpose>", text: "as if this purpose were agreed on" },
];

/** Reads the files that a call is about and says on stderr which terms were taken, and what of them does nothing. */
export function subjectOf(call: Call, context: Context): Subject {
  const folder = openFolder(call.text("folder"), context);
  const { value: contract, path } = folder.contract(call.arg(0));
  const partner = folder.partner(call.required("partner"));
  const terms = termsFor(folder, contract, partner, call, context);
  const { agreement, purpose } = terms;
  const keys = folder.hasKeys ? folder.keys : sampleKeys();
  const input: PlanInput = {
    contract,
    partner,
    agreement,
    purpose,
    bundles: folder.bundles,
    pseudonymEpoch: keys.pseudonyms.epoch,
    ...companyFacts(folder, contract, agreement?.id, terms.now, context),
  };
  const note = folder.hasKeys ? "" : " There are no keys here, so pseudonyms are samples.";
  context.err.write(`${context.err.paint("dim", shown(terms.notice + note))}\n`);
  const { modules } = folder;
  const compile = (each: PlanInput): PolicyPlan => compileWith(each, modules);
  const files = { folder: folder.path, contract: path, partner: partner.name, agreement: terms.path };
  const places = rulePlaces(files, context);
  for (const problem of problemsOf(terms, contract, places))
    context.err.write(problemText(problem, context.err));
  return { contract, partner, terms, input, compile, plan: compile(input), keys, places };
}

/** What both companies agreed to take away, and is not there to be taken. */
function problemsOf({ agreement }: Terms, contract: Contract, places: RulePlaces): readonly Problem[] {
  if (agreement === undefined) return [];
  return narrowedInVain(agreement, contract).flatMap((pointer): readonly Problem[] => {
    const place = places.agreement(pointer);
    if (place === undefined) return [];
    const near = nearestName(
      pointer,
      [...fieldsFrom(contract.root)].map(({ path }) => path),
    );
    return [
      {
        severity: "warning",
        ...place,
        pointer,
        rule: "agreement.narrow-in-vain",
        message: inVain(pointer),
        mend:
          near === undefined || near === ""
            ? "Name a field that the contract lists."
            : `Did you mean ${quoteName(near)}?`,
      },
    ];
  });
}

function termsFor(folder: Folder, contract: Contract, partner: Partner, call: Call, context: Context): Terms {
  const now = context.now();
  const file = call.text("agreement");
  const asked = call.text("purpose");
  const candidates =
    file === undefined
      ? folder.agreements(contract.ref.name, partner.card.id)
      : [readFile(resolve(context.cwd, file), "AccessAgreement", context)];
  const [chosen] = candidates
    .filter(({ value }) => file !== undefined || asked === undefined || value.purpose === asked)
    .toSorted((a, b) => rank(b.value, contract, now) - rank(a.value, contract, now));
  if (chosen !== undefined) return agreed(chosen, contract, asked, now);
  const [purpose] = asked === undefined ? contract.purposes : [asked];
  if (purpose === undefined) {
    throw new Refusal({
      title: "No purpose is known",
      detail: `${contract.ref.name} allows no purpose, and there is no agreement on it with ${partner.name}.`,
      mend: "Name one with --purpose.",
    });
  }
  const why = asked === undefined ? "the contract's first" : "as asked";
  const besides = candidates.length > 0 ? ` for ${purpose}` : "";
  const notice = `No agreement on ${contract.ref.name} with ${partner.name}${besides}: taken as if one were active for ${purpose} (${why}).`;
  return { agreement: undefined, purpose, now, notice, path: undefined };
}

/** Of several agreements: the one on this very contract, then one that has not ended, then the newest. */
function rank(agreement: Agreement, { ref }: Contract, now: number): number {
  const exact = agreement.contractDigest === ref.digest ? 2e15 : 0;
  const running = agreement.endsAt > now ? 1e15 : 0;
  return exact + running + agreement.startsAt;
}

/** The agreement as if it were active: its real state, its start and its end are told. */
function agreed(
  { file, path, value }: Filed<Agreement>,
  contract: Contract,
  asked: string | undefined,
  now: number,
): Terms {
  const purpose = asked ?? value.purpose;
  const starts = value.startsAt > now;
  const signed = value.signatures.length;
  const notes = [
    `Agreement ${file}: ${value.status}, ${signed === 2 ? "signed by both" : `${signed} of 2 signatures`}.`,
    ...(purpose === value.purpose ? [] : [`Taken for ${purpose} instead of ${value.purpose}.`]),
    ...(starts ? [`It starts at ${new Date(value.startsAt).toISOString()}: decided as of then.`] : []),
    ...(value.endsAt <= now ? [`It ended at ${new Date(value.endsAt).toISOString()}.`] : []),
    ...(value.contractDigest === contract.ref.digest
      ? []
      : [`It is on another text of the contract than ${contract.ref.digest}.`]),
  ];
  return {
    agreement: { ...value, status: "active", purpose },
    purpose,
    now: starts ? value.startsAt : now,
    notice: notes.join(" "),
    path,
  };
}
