import type { ContractField } from "../kernel/contract.ts";
import { fieldsFrom, isLeaf } from "../policy/field-tree.ts";
import type { PlanFacts } from "../policy/module.ts";
import type { OwnFacts, OwnField } from "./author.ts";

/** The facts as plain data: the engine's have maps, keys and places in files, none of which is a module's business. */
export function ownFacts({ contract, partner, agreement, purpose, others, received }: PlanFacts): OwnFacts {
  const { ref, owner, status, purposes, onwardSharing, exportClass = null, headers, root } = contract;
  const { name, groups, clearance, country = null, competesWith } = partner;
  return {
    contract: {
      name: ref.name,
      version: ref.version,
      owner,
      status,
      purposes,
      onwardSharing,
      exportClass,
      headers,
      fields: [...fieldsFrom(root)].filter(({ path }) => path !== "").map(ownField),
    },
    partner: { id: partner.card.id, name, groups, clearance, country, competesWith },
    agreement:
      agreement === undefined
        ? null
        : {
            id: agreement.id,
            startsAt: agreement.startsAt,
            endsAt: agreement.endsAt,
            parameters: agreement.parameters,
          },
    purpose,
    others,
    received: received ?? null,
  };
}

function ownField(field: ContractField): OwnField {
  const { path, classification, categories, action = null, check } = field;
  return { path, leaf: isLeaf(field), classification, categories, action, types: check.types ?? null };
}
