import type { ErrorObject } from "ajv";

/** Says only that something else failed: the branch of a condition, or the inside of a rule on names. */
const isEcho = ({ keyword, propertyName }: ErrorObject): boolean =>
  keyword === "if" || (propertyName !== undefined && keyword !== "propertyNames");

/** Keyword of our own: one of the `names` in its parameters is missing. */
export const REQUIRED_ONE = "requiredOne";

const UNIONS: ReadonlySet<string> = new Set(["anyOf", "oneOf"]);
/** Faults that mean "this branch was not meant at all". */
const NOT_MEANT: ReadonlySet<string> = new Set(["type", "enum", "const"]);

/**
 * A value that fits no branch of a union fails in every branch. What is left: the faults of the branch that the value was
 * evidently meant for; or which names or words would have chosen a branch; or the union's own fault. The validator lists a union's
 * fault right after its branches'.
 */
export function withoutNoise(faults: readonly ErrorObject[]): readonly ErrorObject[] {
  const kept: ErrorObject[] = [];
  for (const fault of faults) {
    if (isEcho(fault)) continue;
    if (!UNIONS.has(fault.keyword) || fitsSeveral(fault)) {
      kept.push(fault);
      continue;
    }
    let first = kept.length;
    while (first > 0 && isInside(kept[first - 1], fault)) first--;
    kept.push(...essence(kept.splice(first), fault));
  }
  return kept;
}

/** oneOf fails also when two branches fit; then no branch has a fault. */
const fitsSeveral = ({ keyword, params }: ErrorObject): boolean =>
  keyword === "oneOf" && Array.isArray(params.passingSchemas);

const isInside = (branch: ErrorObject | undefined, union: ErrorObject): boolean =>
  branch !== undefined &&
  (branch.instancePath === union.instancePath || branch.instancePath.startsWith(`${union.instancePath}/`));

function essence(inside: readonly ErrorObject[], union: ErrorObject): readonly ErrorObject[] {
  const branches = Map.groupBy(inside, (fault) => branchOf(fault, union));
  const meant = [...branches.values()].filter((branch) => !branch.some((fault) => isAway(fault, union)));
  const closest = meant.toSorted((a, b) => a.length - b.length)[0];
  if (closest !== undefined) return meant.length > 1 ? missingOne(meant, union) : closest;
  const isScalar = union.data === null || typeof union.data !== "object";
  const choice = inside.find(
    ({ keyword, instancePath }) => keyword === "enum" && instancePath === union.instancePath,
  );
  if (isScalar && choice !== undefined) return [choice];
  const tags = inside.filter((fault) => isTag(fault, union));
  const tag = tags[0];
  if (isScalar || tag === undefined || tags.some(({ instancePath }) => instancePath !== tag.instancePath))
    return [union];
  return [
    { ...tag, keyword: "enum", params: { allowedValues: tags.map(({ params }) => params.allowedValue) } },
  ];
}

/** Branches that differ in what they require: one of these is missing. Else nobody knows which branch was meant. */
function missingOne(meant: readonly (readonly ErrorObject[])[], union: ErrorObject): readonly ErrorObject[] {
  const names = meant.flatMap((branch) =>
    branch.flatMap(({ keyword, params }) => (keyword === "required" ? [params.missingProperty] : [])),
  );
  if (names.length !== meant.length || meant.some((branch) => branch.length > 1)) return [union];
  return [{ ...union, keyword: REQUIRED_ONE, params: { names } }];
}

/** The number of the branch; the faults behind references count as one. */
function branchOf({ schemaPath }: ErrorObject, union: ErrorObject): string {
  const prefix = `${union.schemaPath}/`;
  return schemaPath.startsWith(prefix) ? (schemaPath.slice(prefix.length).split("/")[0] ?? "") : "";
}

const isAway = (fault: ErrorObject, union: ErrorObject): boolean =>
  isTag(fault, union) ||
  (fault.instancePath === union.instancePath && (NOT_MEANT.has(fault.keyword) || UNIONS.has(fault.keyword)));

/** A member whose constant tells the branches apart. */
const isTag = ({ keyword, instancePath }: ErrorObject, union: ErrorObject): boolean =>
  keyword === "const" &&
  instancePath.lastIndexOf("/") === union.instancePath.length &&
  isBelow(instancePath, union);

const isBelow = (instancePath: string, union: ErrorObject): boolean =>
  instancePath.startsWith(`${union.instancePath}/`);
