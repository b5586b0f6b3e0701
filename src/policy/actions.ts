import { createHmac } from "node:crypto";
import type { ActionName, FieldAction } from "../kernel/action.ts";
import type { JsonNode } from "../kernel/json.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { FieldKeys, SealedPlace } from "../kernel/ports.ts";
import { toNode, writeJson } from "../kernel/strict-json.ts";
import { truncateDate } from "./civil-date.ts";
import { compareDecimals, type Decimal, decimalOf, decimalText, roundTo } from "./decimal.ts";

/** What an action may know besides the value. */
export interface ActionContext {
  /** Of the field: the domain of its pseudonyms when none is named. */
  readonly path: string;
  /** Company URN of whom the value is for. */
  readonly partner: string;
  readonly keys: FieldKeys;
  /** Undefined: there is nothing to encrypt with, so what is to be encrypted is dropped. */
  readonly sealing: Sealing | undefined;
}

/** What a ciphertext is made with, the same for all values of a record. */
export interface Sealing extends Omit<SealedPlace, "path" | "eventId"> {
  readonly recipient: NonNullable<PolicyPlan["recipient"]>;
  readonly now: number;
  readonly partition: number;
  readonly sequence: number;
  /** `id` of the event as it leaves; asked only when something is to be encrypted. */
  readonly eventId: () => string;
}

/** All that is known of one action. */
export interface ActionRow<Action extends FieldAction> {
  /** Kinds of value that it takes; any other value is dropped. */
  readonly takes: readonly JsonNode["kind"][];
  /** Does the outcome depend on the value? What does not says nothing of it, whatever the value is. */
  readonly reads: boolean;
  /** Formats (JSON Schema) of which it takes every value; other values of its kinds it may drop. Undefined: it takes all. */
  readonly formats?: readonly string[];
  /** The value that leaves; undefined: the member is not there. Never changes the node. */
  apply(node: JsonNode, action: Action, context: ActionContext): JsonNode | undefined;
}

const ANY = ["literal", "number", "string", "array", "object"] as const;
const NULL: JsonNode = { kind: "literal", raw: "null" };

/** Base64url characters of a pseudonym when none are named: 132 bits. */
export const PSEUDONYM_LENGTH = 22;

/** Action → what it takes and does (file formats, "Contract"). */
export const ACTIONS: {
  readonly [Name in ActionName]: ActionRow<Extract<FieldAction, { readonly action: Name }>>;
} = {
  share: { takes: ANY, reads: true, apply: (node) => node },
  round: {
    takes: ["number"],
    reads: true,
    apply: (node, { multiple, mode }) =>
      onNumber(node, (value) => {
        const step = decimalOf(String(multiple));
        return step === undefined || step.units <= 0n ? undefined : numberNode(roundTo(value, step, mode));
      }),
  },
  band: {
    takes: ["number"],
    reads: true,
    apply: (node, { edges }) => onNumber(node, (value) => lowerEdge(value, edges)),
  },
  "truncate-date": {
    takes: ["string"],
    reads: true,
    formats: ["date", "date-time"],
    apply: (node, { to }) =>
      onString(node, (text) => {
        const start = truncateDate(text, to);
        return start === undefined ? undefined : toNode(start);
      }),
  },
  "coarsen-geo": {
    takes: ["number"],
    reads: true,
    apply: (node, { decimals }) =>
      onNumber(node, (value) =>
        isCount(decimals) && decimals <= 32
          ? numberNode(roundTo(value, { units: 1n, scale: decimals }, "half-even"))
          : undefined,
      ),
  },
  prefix: {
    takes: ["string"],
    reads: true,
    apply: (node, { length, shortest = length }) =>
      onString(node, (text) => {
        if (!isCount(length) || length === 0 || !isCount(shortest)) return undefined;
        const characters = [...text];
        return characters.length < Math.max(length, shortest)
          ? NULL
          : toNode(characters.slice(0, length).join(""));
      }),
  },
  mask: {
    takes: ["string"],
    reads: true,
    apply: (node, action) => onString(node, (text) => masked(text, action)),
  },
  encrypt: {
    takes: ANY,
    reads: true,
    apply: (node, { keyRole }, context) => encrypted(node, keyRole, context),
  },
  pseudonymize: { takes: ["string", "number"], reads: true, apply: pseudonymized },
  constant: { takes: ANY, reads: false, apply: (_node, { value }) => toNode(value) },
  null: { takes: ANY, reads: false, apply: () => NULL },
  drop: { takes: ANY, reads: false, apply: () => undefined },
};

/** Does the action take a value of this kind, and is what it makes of it to leave? Undefined: the field is dropped. */
export function applyAction(
  node: JsonNode,
  action: FieldAction,
  context: ActionContext,
): JsonNode | undefined {
  const row: ActionRow<FieldAction> = ACTIONS[action.action];
  return row.takes.includes(node.kind) ? row.apply(node, action, context) : undefined;
}

/** The first `length` characters of base64url(HMAC-SHA-256(key of partner × domain, bytes)). */
export function pseudonym(
  bytes: string | Uint8Array,
  domain: string,
  length: number,
  context: Pick<ActionContext, "partner" | "keys">,
): string {
  const key = context.keys.pseudonyms.key(context.partner, domain);
  return createHmac("sha256", key).update(bytes).digest("base64url").slice(0, length);
}

/** Numbers by their normalised text, so that 1 and 1.0 have one pseudonym. */
function pseudonymized(
  node: JsonNode,
  { domain, length = PSEUDONYM_LENGTH }: { readonly domain?: string; readonly length?: number },
  context: ActionContext,
): JsonNode | undefined {
  if (!isCount(length) || length === 0) return undefined;
  const name = domain ?? context.path;
  if (node.kind === "number") {
    return onNumber(node, (value) => toNode(pseudonym(decimalText(value), name, length, context)));
  }
  return onString(node, (text) => toNode(pseudonym(text, name, length, context)));
}

/** Any value: its JSON text is what is encrypted. */
function encrypted(
  node: JsonNode,
  keyRole: string,
  { path, keys, sealing }: ActionContext,
): JsonNode | undefined {
  if (sealing === undefined) return undefined;
  const { recipient, agreement, contract, eventId, ...age } = sealing;
  const place = { agreement, contract, path, eventId: eventId() };
  return toNode(keys.sealer.seal(writeJson(node), place, keyRole, recipient, age));
}

type Mask = Extract<FieldAction, { readonly action: "mask" }>;

/** Characters that a text has at least when its ends are kept: so that half is masked, or more where a rule says so. */
export const shortestMasked = ({ keepFirst, keepLast, shortest = 0 }: Mask): number =>
  Math.max(2 * (keepFirst + keepLast), shortest);

/** Where the ends would keep too much, all is masked. */
function masked(text: string, action: Mask): JsonNode | undefined {
  const { keepFirst, keepLast, with: filler } = action;
  if (!isCount(keepFirst) || !isCount(keepLast) || [...filler].length !== 1) return undefined;
  const characters = [...text];
  const fits = characters.length >= shortestMasked(action);
  const [first, last] = fits ? [keepFirst, keepLast] : [0, 0];
  const hidden = filler.repeat(characters.length - first - last);
  const kept = characters.slice(0, first).join("");
  return toNode(`${kept}${hidden}${characters.slice(characters.length - last).join("")}`);
}

/** The greatest edge that is not above the value, whatever the order of the edges; below all: null. */
function lowerEdge(value: Decimal, edges: readonly number[]): JsonNode | undefined {
  let greatest: Decimal | undefined;
  for (const edge of edges.map((each) => decimalOf(String(each)))) {
    if (edge === undefined) return undefined;
    const below = compareDecimals(edge, value) <= 0;
    if (below && (greatest === undefined || compareDecimals(edge, greatest) > 0)) greatest = edge;
  }
  return greatest === undefined ? NULL : numberNode(greatest);
}

function onNumber(node: JsonNode, apply: (value: Decimal) => JsonNode | undefined): JsonNode | undefined {
  const value = node.kind === "number" ? decimalOf(node.raw) : undefined;
  return value === undefined ? undefined : apply(value);
}

const onString = (node: JsonNode, apply: (text: string) => JsonNode | undefined): JsonNode | undefined =>
  node.kind === "string" ? apply(node.value) : undefined;

const numberNode = (value: Decimal): JsonNode => ({ kind: "number", raw: decimalText(value) });

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
