import { quoteName } from "../document/name.ts";
import type { Agreement } from "../kernel/agreement.ts";
import type { Contract } from "../kernel/contract.ts";
import { fieldsFrom } from "../policy/field-tree.ts";
import { PathIndex } from "../policy/path-index.ts";
import { leavesWhole } from "../policy/plan-tree.ts";

/**
 * The pointers of an agreement's `mesh.narrow` that meet no field of the contract: both companies sign that something is taken away, and
 * nothing is. A pointer into a field that leaves whole meets that field, which then stays.
 */
export function narrowedInVain(
  { narrow }: Pick<Agreement, "narrow">,
  { root }: Pick<Contract, "root">,
): readonly string[] {
  const pointers = new PathIndex<string>();
  for (const pointer of narrow.keys()) pointers.add(pointer, pointer);
  const met = new Set<string>();
  for (const field of fieldsFrom(root)) {
    for (const pointer of pointers.on(field.path)) met.add(pointer);
    if (leavesWhole(field)) for (const pointer of pointers.inside(field.path)) met.add(pointer);
  }
  return [...narrow.keys()].filter((pointer) => !met.has(pointer));
}

/** What a person is told of such a pointer. */
export const inVain = (pointer: string): string =>
  `The contract lists no field ${quoteName(pointer)}, so \`mesh.narrow\` takes nothing away there.`;
