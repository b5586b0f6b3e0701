import type { ContractField } from "../kernel/contract.ts";

/** The fields directly below: members by name, then the elements. */
export const childrenOf = (field: ContractField): readonly ContractField[] =>
  field.elements === undefined ? [...field.members.values()] : [...field.members.values(), field.elements];

/** Does the contract list nothing below? Such a field leaves whole, or not at all. */
export const isLeaf = (field: ContractField): boolean =>
  field.members.size === 0 && field.elements === undefined;

/** The field and all below it, parents first, in the order of the contract. */
export function* fieldsFrom(field: ContractField): Generator<ContractField> {
  yield field;
  for (const child of childrenOf(field)) yield* fieldsFrom(child);
}

/** The leaves of the tree: what classification and categories rule. Containers live by them. */
export const leavesOf = (root: ContractField): readonly ContractField[] =>
  [...fieldsFrom(root)].filter(isLeaf);
