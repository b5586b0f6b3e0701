import type { Partner } from "../../kernel/company.ts";
import type { Call } from "../call.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import type { Context } from "../context.ts";
import { everyFile } from "../every-file.ts";
import { type Folder, openFolder } from "../folder.ts";
import { readLinesOf } from "../lines-file.ts";
import { printResult } from "../output.ts";
import { EXIT, Refusal, UsageError } from "../refusal.ts";
import { type Column, tableText } from "../table.ts";
import { Candidates } from "../trace/candidates.ts";
import { type Domain, domainOf, domainsIn, domainsOf } from "../trace/domains.ts";
import { chanceMatches, findMatches, type Match, type Search, trialsOf } from "../trace/search.ts";

/** Finds out for which partner, and in which epoch, a pseudonym was made. */
export const trace: Command = {
  usage: "trace <pseudonym>",
  summary: "Find out for which partner, and under which key, a pseudonym was made.",
  options: [
    FOLDER,
    { flags: "--values <file>", text: "values that may stand behind it, one a line; - for standard input" },
    { flags: "--events <file>", text: "records whose values may stand behind it, one JSON a line" },
    { flags: "--domains <names>", text: "domains besides those of the folder, with commas between" },
    {
      flags: "--partners <urns>",
      text: "companies that are not in the folder any more, with commas between",
    },
    ...OUTPUT,
  ],
  async run(call, context) {
    const folder = openFolder(call.text("folder"), context);
    const partners = everyFile(folder, "partners", "Partner", context, "nothing else");
    const search = await searchFor(call, folder, partners, context);
    const trials = trialsOf(search);
    announce(search, trials, context);
    const matches = findMatches(search, progress(trials, context)).map((match) =>
      described(match, partners, search),
    );
    if (matches.length === 0)
      context.err.write("No value, partner, domain and epoch makes this pseudonym.\n");
    printResult(context, call.format, { pseudonym: search.pseudonym, trials, matches }, () =>
      matches.length === 0 ? "" : tableText(COLUMNS, matches, context.out),
    );
    return matches.length === 0 ? EXIT.refused : EXIT.done;
  },
};

/** An epoch is raised by one when keys are to change, so this is more than there are, but for a number that somebody made up. */
const EPOCHS_MAX = 1000;
const PSEUDONYM = /^[A-Za-z0-9_-]{1,43}$/;

async function searchFor(
  call: Call,
  folder: Folder,
  partners: readonly Partner[],
  context: Context,
): Promise<Search> {
  const pseudonym = call.arg(0);
  if (!PSEUDONYM.test(pseudonym))
    throw new UsageError("A pseudonym is 1 to 43 characters of base64url: letters, digits, - and _.");
  const domains = domainsFor(call, folder, context);
  const { pseudonyms, pseudonymsAt, sealer } = folder.keys;
  return {
    pseudonym,
    partners: [...new Set([...partners.map(({ card }) => card.id), ...listed(call, "partners")])],
    epochs: Array.from(
      { length: Math.min(pseudonyms.epoch, EPOCHS_MAX) },
      (_, before) => pseudonyms.epoch - before,
    ),
    domains,
    candidates: await candidatesFor(call, domains, context),
    keysAt: (epoch) => ({ pseudonyms: pseudonymsAt(epoch), sealer }),
  };
}

function domainsFor(call: Call, folder: Folder, context: Context): readonly Domain[] {
  const contracts = everyFile(folder, "contracts", "DataContract", context);
  const narrowings = everyFile(folder, "agreements", "AccessAgreement", context, "nothing else").flatMap(
    ({ narrow }) => [...narrow.values()],
  );
  const settings = folder.bundles.flatMap(({ modules }) => modules.map((module) => module.with));
  return domainsOf(contracts, [
    ...settings.flatMap(domainsIn),
    ...narrowings.flatMap((action) => domainOf(action) ?? []),
    ...listed(call, "domains"),
  ]);
}

const listed = (call: Call, option: string): readonly string[] => call.text(option)?.split(",") ?? [];

async function candidatesFor(call: Call, domains: readonly Domain[], context: Context): Promise<Candidates> {
  const candidates = new Candidates(domains.flatMap(({ fields }) => fields.map(({ path }) => path)));
  const [values, events] = [call.text("values"), call.text("events")];
  if (values === undefined && events === undefined)
    throw new UsageError(
      "Give --values or --events: a pseudonym is found again only from the value behind it.",
    );
  if (values === "-" && events === "-") throw new UsageError("Standard input is one file, not two.");
  for (const [index, line] of await linesOf(values, context))
    candidates.addValue(new TextDecoder().decode(line).replace(/\r$/, ""), `${values}:${index + 1}`);
  for (const [index, line] of await linesOf(events, context))
    if (!candidates.addRecord(line, `${events}:${index + 1}`))
      context.err.write(`${events}:${index + 1} is no record, so its values are not tried.\n`);
  return candidates;
}

const linesOf = async (file: string | undefined, context: Context) =>
  (file === undefined ? [] : await readLinesOf(file, context)).entries();

/** About half an hour of one core. */
const TRIALS_MAX = 1_000_000_000;

function announce(search: Search, trials: number, { err }: Context): void {
  if (trials > TRIALS_MAX)
    throw new Refusal({
      title: "There is too much to try",
      detail: `Partners, epochs, domains and values make ${trials} pseudonyms; at most ${TRIALS_MAX} are tried.`,
      mend: "Give fewer values, or work in a folder with the contracts and partners in question only.",
    });
  const { partners, epochs, domains } = search;
  const sizes = `${partners.length} partners, ${epochs.length} epochs, ${domains.length} domains`;
  err.write(`${err.paint("dim", `${trials} pseudonyms to try: ${sizes}.`)}\n`);
  const byChance = chanceMatches(search, trials);
  if (byChance > 0.001)
    err.write(
      `It is so short that chance alone makes ${byChance.toPrecision(2)} matches: a match proves little.\n`,
    );
}

const PROGRESS_MS = 5000;

function progress(trials: number, { now, err }: Context): (tried: number) => void {
  let told = now();
  return (tried) => {
    if (now() - told < PROGRESS_MS) return;
    told = now();
    err.write(`${err.paint("dim", `${Math.floor((100 * tried) / trials)} % tried`)}\n`);
  };
}

type Described = ReturnType<typeof described>;

/** Never the value itself: whoever may see it has the file. */
function described(
  { partner, epoch, domain, place }: Match,
  partners: readonly Partner[],
  { epochs }: Search,
) {
  return {
    partner: partners.find(({ card }) => card.id === partner)?.name ?? partner,
    company: partner,
    epoch,
    presentEpoch: epoch === epochs[0],
    domain: domain.name,
    fields: domain.fields,
    value: place,
  };
}

const COLUMNS: readonly Column<Described>[] = [
  { head: "PARTNER", cell: ({ partner }) => partner },
  { head: "COMPANY", cell: ({ company }) => company },
  { head: "EPOCH", cell: ({ epoch, presentEpoch }) => `${epoch} (${presentEpoch ? "present" : "earlier"})` },
  { head: "DOMAIN", cell: ({ domain }) => domain },
  {
    head: "FIELDS",
    cell: ({ fields }) => fields.map(({ contract, path }) => `${contract} ${path}`).join(", "),
  },
  { head: "VALUE", cell: ({ value }) => value },
];
