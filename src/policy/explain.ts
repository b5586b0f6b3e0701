import type { ActionName, FieldAction } from "../kernel/action.ts";
import type {
  AttributeOrigin,
  Category,
  Classification,
  Contract,
  ContractField,
} from "../kernel/contract.ts";
import type { PlanNode, PolicyPlan } from "../kernel/plan.ts";
import { REASONS } from "../kernel/reason.ts";
import { PSEUDONYM_LENGTH } from "./actions.ts";
import { KEY_DOMAIN } from "./envelope.ts";
import { fieldsFrom } from "./field-tree.ts";

/** What becomes of one field, or of one part of what stands around the data. */
export interface ExplainedField {
  /** Path in the contract, or `key`, `timestamp`, `headers/NAME`, `attributes/NAME`. */
  readonly path: string;
  /** `stays`: it is not there at the partner. A container leaves as far as its fields do. */
  readonly effect: "leaves" | "changed" | "stays";
  readonly action: ActionName;
  /** The action in words, with its parameters. */
  readonly detail: string;
  /** Which rule says so: of a field as the plan has it; of all else `contract`, or `bundle` where a module narrowed it. */
  readonly by: string;
  /** Undefined for what is no field. */
  readonly classification: Classification | undefined;
  readonly categories: readonly Category[];
  readonly declared: ContractField["declared"] | undefined;
}

/**
 * Every field of the contract in its order, then key, timestamp, headers and attributes. `plan` was compiled from `contract`. The
 * rows say what would leave if nothing denied it: see `explainDenials`.
 */
export const explainPlan = (plan: PolicyPlan, contract: Contract): readonly ExplainedField[] => [
  ...[...fieldsFrom(contract.root)]
    .filter(({ path }) => path !== "")
    .map((field) => explainField(field, plan.root)),
  ...envelopeRows(plan, contract),
];

/** Why nothing leaves at all, a sentence each; none: records are decided one by one. */
export const explainDenials = (plan: PolicyPlan): readonly string[] =>
  plan.denials.map(({ code, module, pointer }) => {
    const by = module === undefined ? "" : `, by ${module}`;
    const where = pointer === undefined ? "" : `, at ${pointer === "" ? "the root" : pointer}`;
    return `${REASONS[code]} (${code}${by}${where})`;
  });

function explainField(field: ContractField, root: PlanNode): ExplainedField {
  const { action = SHARE, by } = ruleFor(field.path, root);
  const { path, classification, categories, declared } = field;
  const ruling = { effect: effectOf(action), action: action.action, detail: inWords(action), by };
  return { path, ...ruling, classification, categories, declared };
}

const SHARE: FieldAction = { action: "share" };
const DROP: FieldAction = { action: "drop" };

/** The field's own node, or the one of a container above it that is replaced whole. */
function ruleFor(path: string, node: PlanNode): PlanNode {
  const children = Object.values(node.members);
  if (node.elements !== undefined) children.push(node.elements);
  const next = children.find((child) => path === child.path || path.startsWith(`${child.path}/`));
  return next === undefined || node.path === path ? node : ruleFor(path, next);
}

const effectOf = ({ action }: FieldAction): ExplainedField["effect"] =>
  action === "share" ? "leaves" : action === "drop" ? "stays" : "changed";

interface Wording<Action> {
  say(action: Action): string;
}

/** Action → what it does, in words. */
const WORDS: { readonly [Name in ActionName]: Wording<Extract<FieldAction, { readonly action: Name }>> } = {
  share: { say: () => "as it is" },
  round: { say: ({ multiple, mode }) => `rounded to multiples of ${multiple} (${mode})` },
  band: { say: ({ edges }) => `the lower edge of its band: ${edges.join(", ")}` },
  "truncate-date": { say: ({ to }) => `the start of its ${to}` },
  "coarsen-geo": { say: ({ decimals }) => `rounded to ${decimals} decimals` },
  prefix: { say: ({ length }) => `the first ${length} characters` },
  mask: {
    say: ({ keepFirst, keepLast }) => `masked but for the first ${keepFirst} and last ${keepLast} characters`,
  },
  encrypt: { say: ({ keyRole }) => `encrypted for ${keyRole}` },
  pseudonymize: {
    say: ({ domain, length = PSEUDONYM_LENGTH }) =>
      `a pseudonym of ${length} characters, domain ${domain ?? "of the field alone"}`,
  },
  constant: { say: ({ value }) => `always ${JSON.stringify(value)}` },
  null: { say: () => "always null" },
  drop: { say: () => "not there" },
};

function inWords(action: FieldAction): string {
  const wording: Wording<FieldAction> = WORDS[action.action];
  return wording.say(action);
}

/** Where the plan is not what the contract says, a module of a bundle has narrowed it. */
const whoSays = (own: string | undefined, planned: string | undefined): string =>
  own === planned ? "contract" : "bundle";

function envelopeRows(
  { key, timestamp, headers, event }: PolicyPlan,
  contract: Contract,
): readonly ExplainedField[] {
  const ownKey = "from" in contract.key ? "pointer" : contract.key.action;
  const ownUnit = contract.timestamp.action === "share" ? undefined : contract.timestamp.to;
  const keyBy = whoSays(ownKey, key.rule);
  return [
    key.rule === "pointer"
      ? row("key", SHARE, keyBy, `the value at ${key.pointer} as it leaves`)
      : row(
          "key",
          key.rule === "pseudonymize" ? { action: key.rule, domain: KEY_DOMAIN } : { action: key.rule },
          keyBy,
        ),
    row("timestamp", timestamp, whoSays(ownUnit, timestamp.action === "share" ? undefined : timestamp.to)),
    ...contract.headers.map((name) =>
      headers.includes(name) ? row(`headers/${name}`, SHARE) : row(`headers/${name}`, DROP, "bundle"),
    ),
    row("attributes/type", { action: "constant", value: event.type }),
    row("attributes/source", { action: "constant", value: event.source }),
    ...(["id", "subject", "time"] as const).map((name) =>
      attributeRow(name, event[name], contract.event[name]),
    ),
  ];
}

function attributeRow(name: string, origin: AttributeOrigin, own: AttributeOrigin): ExplainedField {
  const by = whoSays(own.from, origin.from);
  const path = `attributes/${name}`;
  return origin.from === "none" ? row(path, DROP, by) : row(path, SHARE, by, originInWords(origin));
}

/** Origin → what the attribute holds. */
const ORIGINS: Readonly<Record<Exclude<AttributeOrigin["from"], "pointer" | "header">, string>> = {
  auto: "made by the gateway; it says nothing of the record's place",
  none: "not there",
  event: "the CloudEvent's own",
  record: "the record's timestamp as it leaves",
};

function originInWords(origin: AttributeOrigin): string {
  if (origin.from === "pointer") return `the value at ${origin.pointer} as it leaves`;
  return origin.from === "header" ? `the header ${origin.name}` : ORIGINS[origin.from];
}

const row = (
  path: string,
  action: FieldAction,
  by = "contract",
  detail = inWords(action),
): ExplainedField => ({
  path,
  effect: effectOf(action),
  action: action.action,
  detail,
  by,
  classification: undefined,
  categories: [],
  declared: undefined,
});
