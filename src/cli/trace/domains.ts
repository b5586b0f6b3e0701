import type { FieldAction } from "../../kernel/action.ts";
import type { Contract, ContractField } from "../../kernel/contract.ts";
import type { Json } from "../../kernel/json.ts";
import { KEY_DOMAIN } from "../../policy/envelope.ts";

/** A domain of pseudonyms, and which values can have one in it. */
export interface Domain {
  readonly name: string;
  /** Contracts' fields that have pseudonyms in it; of the key, its domain. */
  readonly fields: readonly { readonly contract: string; readonly path: string }[];
  /** True: a value from anywhere can, because a bundle, an agreement or the caller names the domain. */
  readonly open: boolean;
}

/**
 * Every domain in which these contracts can have pseudonyms, or could have had them: the path of each field, because any rule may
 * have pseudonymised it, the domains that contracts name, the key, and the domains that are named elsewhere. The likely ones,
 * where a contract itself pseudonymises, come first.
 */
export function domainsOf(
  contracts: readonly Contract[],
  namedElsewhere: readonly string[],
): readonly Domain[] {
  const domains = new Map<string, { name: string; fields: Domain["fields"][number][]; open: boolean }>();
  const at = (name: string) => {
    const domain = domains.get(name) ?? { name, fields: [], open: false };
    domains.set(name, domain);
    return domain;
  };
  const leaves = contracts.flatMap(({ ref, root }) =>
    leavesOf(root).map(({ path, action }) => ({ contract: ref.name, path, action })),
  );
  for (const { contract, path, action } of leaves)
    if (action?.action === "pseudonymize") at(action.domain ?? path).fields.push({ contract, path });
  for (const { ref, key } of contracts)
    if ("action" in key && key.action !== "drop")
      at(KEY_DOMAIN).fields.push({ contract: ref.name, path: KEY_DOMAIN });
  for (const name of namedElsewhere) at(name).open = true;
  for (const { contract, path, action } of leaves)
    if (action?.action !== "pseudonymize" || (action.domain ?? path) !== path)
      at(path).fields.push({ contract, path });
  return [...domains.values()];
}

/** The domain that an action names. */
export const domainOf = (action: FieldAction | undefined): string | undefined =>
  action?.action === "pseudonymize" ? action.domain : undefined;

/** Every domain that stands in the settings of a bundle's module, wherever it has its actions. */
export function domainsIn(settings: Json): readonly string[] {
  if (settings === null || typeof settings !== "object") return [];
  const inside = Object.values(settings).flatMap(domainsIn);
  const own = "action" in settings && settings.action === "pseudonymize" ? settings.domain : undefined;
  return typeof own === "string" ? [own, ...inside] : inside;
}

/** Fields without fields below them: a container has no pseudonym. */
function leavesOf(field: ContractField): readonly ContractField[] {
  const below = [...field.members.values(), ...(field.elements === undefined ? [] : [field.elements])];
  return below.length === 0 ? [field] : below.flatMap(leavesOf);
}
