import type { Document } from "../document/document.ts";
import { nearestName, quoteName } from "../document/name.ts";
import { checkShape } from "../document/shape.ts";
import type { Problem } from "../kernel/problem.ts";
import {
  type AgreementFile,
  MESH_PROPERTY_NAMES,
  MESH_PROPERTY_SHAPES,
  type MeshValues,
} from "./agreement-shape.ts";
import { type Finding, isError, problemOf } from "./finding.ts";

/** The `mesh.*` properties of an agreement by name. Each at most once, the contract's digest always, unknown ones never. */
export function readMeshProperties(
  document: Document,
  { customProperties }: AgreementFile,
): { readonly values: MeshValues | undefined; readonly problems: readonly Problem[] } {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [index, { property, value }] of customProperties.entries()) {
    if (!property.startsWith("mesh.")) continue;
    const at = `/customProperties/${index}`;
    const shape = MESH_PROPERTY_SHAPES.get(property);
    if (shape === undefined) problems.push(problemOf(document, unknownProperty(at, property)));
    else problems.push(...checkShape(document, shape, `${at}/value`));
    if (Object.hasOwn(values, property)) problems.push(problemOf(document, repeated(at, property)));
    values[property] = value;
  }
  if (!Object.hasOwn(values, "mesh.contractDigest")) problems.push(problemOf(document, NO_DIGEST));
  const sound = !problems.some(isError);
  return { values: sound ? (values as unknown as MeshValues) : undefined, problems };
}

const NO_DIGEST: Finding = {
  pointer: "/customProperties",
  rule: "agreement.required",
  message:
    "The agreement does not say which contract it is about, to the letter: `mesh.contractDigest` is missing.",
  mend: "Add `mesh.contractDigest` with the digest that the publisher's catalogue shows.",
};

function unknownProperty(pointer: string, property: string): Finding {
  const nearest = nearestName(property, MESH_PROPERTY_NAMES);
  return {
    pointer: `${pointer}/property`,
    rule: "agreement.unknown-key",
    message: `An agreement has no property ${quoteName(property)}.`,
    mend: nearest === undefined ? "Remove it." : `Did you mean ${quoteName(nearest)}?`,
  };
}

const repeated = (pointer: string, property: string): Finding => ({
  pointer: `${pointer}/property`,
  rule: "agreement.repeated",
  message: `The property ${quoteName(property)} stands twice, so that two readers could see two values.`,
  mend: "Remove one of them.",
});
