import type { FieldAction } from "../kernel/action.ts";
import type { AttributeOrigin } from "../kernel/contract.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import { KEY_DOMAIN } from "./envelope.ts";
import { type ExplainedField, effectOf, type RuleBehind } from "./explain-field.ts";
import { type Comparison, inPlace, type RuleSource, usePlaces } from "./explain-sources.ts";
import { inBrief, inWords, originInBrief, originInWords, screenInWords } from "./explain-words.ts";

/** One part of what stands around the data. */
interface Part {
  readonly path: string;
  /** The contract's property that rules it. */
  readonly property: string;
  /** What a plan says of it. */
  outcome(plan: PolicyPlan): Outcome;
}
interface Outcome {
  readonly action: FieldAction;
  /** In place of the action in words. */
  readonly detail?: string;
  readonly brief?: string;
}

/** Key, timestamp, headers and attributes, as the plan has them. */
export function explainEnvelope(comparison: Comparison): readonly ExplainedField[] {
  const { headers } = comparison.input.contract;
  const parts: readonly Part[] = [
    { path: "key", property: "mesh.key", outcome: keyOutcome },
    { path: "timestamp", property: "mesh.timestamp", outcome: ({ timestamp }) => ({ action: timestamp }) },
    ...headers.map((name) => ({
      path: `headers/${name}`,
      property: "mesh.headers",
      outcome: (plan: PolicyPlan): Outcome => ({ action: plan.headers.includes(name) ? SHARE : DROP }),
    })),
    ...(["type", "source"] as const).map((name) => ({
      path: `attributes/${name}`,
      property: "mesh.event",
      outcome: ({ event }: PolicyPlan): Outcome => ({ action: { action: "constant", value: event[name] } }),
    })),
    ...(["id", "subject", "time"] as const).map((name) => ({
      path: `attributes/${name}`,
      property: "mesh.event",
      outcome: ({ event }: PolicyPlan): Outcome => originOutcome(event[name]),
    })),
  ];
  return parts.map((part) => explainPart(part, comparison));
}

const SHARE: FieldAction = { action: "share" };
const DROP: FieldAction = { action: "drop" };

const keyOutcome = ({ key }: PolicyPlan): Outcome => {
  if (key.rule === "pointer") return originOutcome({ from: "pointer", pointer: key.pointer });
  return {
    action: key.rule === "pseudonymize" ? { action: key.rule, domain: KEY_DOMAIN } : { action: key.rule },
  };
};

const originOutcome = (origin: AttributeOrigin): Outcome =>
  origin.from === "none"
    ? { action: DROP }
    : { action: SHARE, detail: originInWords(origin), brief: originInBrief(origin) };

function explainPart(part: Part, comparison: Comparison): ExplainedField {
  const { plan, open, sources } = comparison;
  const { action, detail = inWords(action), brief = inBrief(action) } = part.outcome(plan);
  const textOf = (of: PolicyPlan): string => JSON.stringify(part.outcome(of));
  const behind = sources.filter(({ alone }) => textOf(alone) !== textOf(open));
  const exact = behind.filter(({ alone }) => textOf(alone) === textOf(plan));
  const deciding = exact.length > 0 ? exact : behind;
  const rules = behind.map((source) => ruleBehind(source, part, deciding.includes(source), comparison));
  const screened = screensOn(part.path, plan);
  const own = comparison.places.contract(part.property);
  const where = rules.filter(({ decides }) => decides).flatMap((rule) => rule.where ?? []);
  return {
    path: part.path,
    effect: effectOf(action),
    action: action.action,
    detail,
    brief,
    by: deciding.length === 0 ? "contract" : [...new Set(deciding.map(({ by }) => by))].join(", "),
    where: where.length > 0 || own === undefined ? where : [own],
    classification: undefined,
    categories: [],
    declared: own,
    rules,
    screens: screened.map((screen) => ({
      by: screen.by,
      where: usePlaces(screen.by, comparison.input.bundles),
      detail: screenInWords(screen),
      outcome: screen.outcome,
    })),
    pseudonym:
      action.action === "pseudonymize"
        ? { epoch: plan.pseudonymEpoch, domain: action.domain ?? KEY_DOMAIN }
        : undefined,
    remark: undefined,
  };
}

/** Screens look at what comes from beside the data and would leave; a key or attribute made of a field has that field's. */
function screensOn(path: string, { event, headers, key, screens }: PolicyPlan): PolicyPlan["screens"] {
  const attribute = (["id", "subject", "time"] as const).find((name) => path === `attributes/${name}`);
  const isLookedAt =
    attribute === undefined
      ? (path === "key" && (key.rule === "share" || key.rule === "pseudonymize")) ||
        headers.some((name) => path === `headers/${name}`)
      : event[attribute].from === "header" || event[attribute].from === "event";
  return isLookedAt ? screens : [];
}

function ruleBehind(
  source: RuleSource,
  { property, outcome }: Part,
  decides: boolean,
  { plan, places }: Comparison,
): RuleBehind {
  const where = source.kind === "contract" ? places.contract(property) : source.use?.declared;
  const after = outcome(source.without());
  const said = (each: Outcome): string => each.detail ?? inWords(each.action);
  const same = JSON.stringify(after) === JSON.stringify(outcome(plan));
  const what = source.kind === "contract" ? property : source.by;
  return {
    by: source.by,
    where,
    decides,
    demands: said(outcome(source.alone)),
    change: `Change ${what}${inPlace(where)}.`,
    afterwards: same ? "That alone changes nothing." : `Then it is: ${said(after)}.`,
  };
}
