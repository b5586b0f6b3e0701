import { join } from "node:path";
import { valueAt } from "../../document/shape.ts";
import type { Contract } from "../../kernel/contract.ts";
import { type CompanyFiles, factsAbout } from "../../mesh/plan-facts.ts";
import type { PlanFacts } from "../../policy/module.ts";
import { openKind, readOpened } from "../filed.ts";
import type { Folder } from "../folder.ts";
import { openDocument, type Place } from "../kinds.ts";
import { ProblemsFound, Refusal } from "../refusal.ts";

/** What rules may ask besides the contract, as the folder's files have it: see `factsAbout`. What publishers told stands in no file. */
export function companyFacts(
  folder: Folder,
  contract: Contract,
  agreement: string | undefined,
  now: number,
  place: Place,
): Pick<PlanFacts, "others" | "received"> {
  const agreements = openKind(join(folder.path, "agreements"), "AccessAgreement", place).opened.flatMap(
    (opened) => readable(() => readOpened(opened, "AccessAgreement", place).value) ?? [],
  );
  const companies = new Set(agreements.flatMap(({ consumer, provider }) => [consumer, provider]));
  const names = new Set(agreements.map((each) => `${each.contractName}@${each.contractVersion}`));
  const company: CompanyFiles = {
    owner: contract.owner,
    topicPrefix: topicPrefix(folder, place),
    contracts: [...names].flatMap((name) => readable(() => folder.contract(name).value) ?? []),
    partners: [...companies].flatMap((id) => readable(() => folder.partner(id)) ?? []),
    agreements: agreements.map((value) => ({ value, told: undefined })),
  };
  return factsAbout(contract, agreement, company, now);
}

/** Without the rest of gateway.yaml, whose secrets need not be at hand. */
function topicPrefix({ path }: Folder, place: Place): string {
  const gateway = openDocument(join(path, "gateway.yaml"), place);
  const prefix = gateway?.ok === true ? valueAt(gateway.value.value, "/spec/replicas/prefix") : undefined;
  return typeof prefix === "string" ? prefix : "";
}

/** What can't be read is not known here: whoever asks for it then takes the stricter. */
export function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (failure) {
    if (failure instanceof Refusal || failure instanceof ProblemsFound) return undefined;
    throw failure;
  }
}
