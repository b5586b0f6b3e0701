import type { JsonNode } from "../../kernel/json.ts";
import { selectNodes } from "../../kernel/pointer.ts";
import type { ReasonCode } from "../../kernel/reason.ts";
import { decodeRecord } from "../../mesh/cloudevents/kafka-binding.ts";
import { type Comparison, comparePlans, type Place, type RulePlaces } from "../../policy/explain-sources.ts";
import { leavesOf } from "../../policy/field-tree.ts";
import { nodeAt } from "../../policy/node-at.ts";
import type { CaseRun } from "./run-case.ts";
import { isTouched, ownLimits, saysSomething } from "./touched.ts";

/** A field or a rule that cases can touch. */
export interface Coverable {
  readonly name: string;
  readonly where: Place | undefined;
}

export interface Share {
  readonly touched: number;
  readonly total: number;
  readonly untouched: readonly Coverable[];
}

/** How much of a contract, and of the policies in its cases, the cases show. */
export interface Coverage {
  readonly contract: string;
  /** Leaves that leave in some form in at least one case's plan. Touched: a case that permits holds one. */
  readonly fields: Share;
  /** Modules that say something, clearance, conditions, limits and codes. Touched: a case's decision names it. */
  readonly rules: Share;
  /** Whole, rounded down: 100 means all. */
  readonly percent: number;
}

interface Found extends Coverable {
  readonly isTouched: boolean;
}

/** The coverage of one contract by its cases, at least one. */
export function coverageOf(contract: string, runs: readonly CaseRun[], places: RulePlaces): Coverage {
  const compared = runs.map((run) => ({ run, comparison: comparePlans(run.input, places, run.compile) }));
  const fields = shareOf(compared.flatMap(({ run, comparison }) => fieldsIn(run, comparison)));
  const rules = shareOf(compared.flatMap(({ run, comparison }) => rulesIn(run, comparison)));
  const total = fields.total + rules.total;
  const touched = fields.touched + rules.touched;
  return { contract, fields, rules, percent: total === 0 ? 100 : Math.floor((100 * touched) / total) };
}

/** Each once: touched where one case touches it. */
function shareOf(found: readonly Found[]): Share {
  const groups = Map.groupBy(found, ({ name, where }) => `${where?.file}:${where?.line} ${name}`);
  const untouched = [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined || [first, ...others].some((each) => each.isTouched)
      ? []
      : [{ name: first.name, where: first.where }],
  );
  return { touched: groups.size - untouched.length, total: groups.size, untouched };
}

function fieldsIn({ admission, input, record }: CaseRun, { plan }: Comparison): readonly Found[] {
  const decoded = decodeRecord(record, plan.encoding, plan.limits);
  const data: JsonNode | undefined = decoded.ok ? decoded.value.event.data : undefined;
  return leavesOf(input.contract.root)
    .filter(({ path }) => nodeAt(plan.root, path).action?.action !== "drop")
    .map(({ path, declared }) => ({
      name: path,
      where: declared,
      isTouched: admission.effect === "permit" && data !== undefined && selectNodes(data, path).length > 0,
    }));
}

/** Ways to be denied that every contract has. */
const CODES: readonly ReasonCode[] = ["SCHEMA_MISMATCH", "PURPOSE_NOT_ALLOWED"];

function rulesIn(run: CaseRun, comparison: Comparison): readonly Found[] {
  const { plan, places, sources } = comparison;
  const reasons = run.admission.effect === "deny" ? run.admission.reasons : [];
  const isGiven = (wanted: ReasonCode): boolean => reasons.some(({ code }) => code === wanted);
  const own = sources.filter(({ kind }) => kind === "contract").flatMap(ownLimits);
  return [
    ...sources
      .filter((source) => source.kind !== "contract" && saysSomething(source, comparison))
      .map((source) => ({
        name: source.by,
        where: source.use?.declared,
        isTouched: isTouched(source, run, comparison),
      })),
    ...plan.conditions
      .filter(({ module }) => module === "scope")
      .map(({ module, field, op }) => ({
        name: `${module} ${field} ${op}`,
        where: places.contract("mesh.scope"),
        isTouched: reasons.some(
          ({ code, pointer }) => code === "SCOPE_MISMATCH" && (pointer ?? field) === field,
        ),
      })),
    ...own.map(({ name, code }) => ({
      name,
      where: places.contract("mesh.limits"),
      isTouched: isGiven(code),
    })),
    ...CODES.map((code) => ({ name: code, where: undefined, isTouched: isGiven(code) })),
  ];
}
