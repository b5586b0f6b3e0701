import { escapeSegment } from "../kernel/pointer.ts";

/** How one gets from a container to a value in it. */
export type Step = { readonly element: number } | { readonly member: string };

/** Where the value stands (RFC 6901). */
export const pointerOf = (steps: readonly Step[]): string =>
  steps.map((step) => `/${"member" in step ? escapeSegment(step.member) : step.element}`).join("");

/**
 * The paths that a contract may have for a value: an element is `*`, a member is its name or, where the contract has the object as
 * a map, `*`. The one without maps comes first; there are 2^members of them, made as they are asked for.
 */
export function* fieldPaths(steps: readonly Step[]): Generator<string> {
  const last = steps.at(-1);
  if (last === undefined) {
    yield "";
    return;
  }
  for (const path of fieldPaths(steps.slice(0, -1))) {
    if ("member" in last) yield `${path}/${escapeSegment(last.member)}`;
    yield `${path}/*`;
  }
}
