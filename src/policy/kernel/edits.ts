import { Buffer } from "node:buffer";
import type { DateUnit, FieldAction, RoundingMode } from "../../kernel/action.ts";
import { toNode, writeJson } from "../../kernel/strict-json.ts";
import { decimalThatFits } from "./checks.ts";
import type { Image } from "./image.ts";
import * as L from "./layout.ts";

const MODES: Readonly<Record<RoundingMode, number>> = {
  floor: L.MODE_FLOOR,
  ceil: L.MODE_CEIL,
  "half-even": L.MODE_HALF_EVEN,
  "half-up": L.MODE_HALF_UP,
};

const UNITS: Readonly<Record<DateUnit, number>> = {
  year: L.UNIT_YEAR,
  quarter: L.UNIT_QUARTER,
  month: L.UNIT_MONTH,
  "iso-week": L.UNIT_ISO_WEEK,
  day: L.UNIT_DAY,
  hour: L.UNIT_HOUR,
  minute: L.UNIT_MINUTE,
};

/** Writes what an action needs into a node, and says which operation of the kernel it is. What has no row is the host's. */
type Lay<Name extends FieldAction["action"]> = (
  image: Image,
  node: number,
  action: Extract<FieldAction, { readonly action: Name }>,
) => number;

const EDITS: { readonly [Name in FieldAction["action"]]?: Lay<Name> } = {
  drop: () => L.OP_DROP,
  null: () => L.OP_NULL,
  constant: (image, node, { value }) => {
    const text = Buffer.from(writeJson(toNode(value)));
    image.set(node + L.NODE_TEXT, image.add(text));
    image.set(node + L.NODE_TEXT_LENGTH, text.length);
    return L.OP_CONSTANT;
  },
  share: () => L.OP_SHARE,
  round: (image, node, { multiple, mode }) => layStep(image, node, multiple, MODES[mode]),
  "coarsen-geo": (image, node, { decimals }) =>
    Number.isSafeInteger(decimals) && decimals >= 0 && decimals <= 15
      ? layStep(image, node, 10 ** -decimals, L.MODE_HALF_EVEN)
      : L.OP_HOST,
  "truncate-date": (image, node, { to }) => {
    image.set(node + L.NODE_ARGUMENT, UNITS[to]);
    return L.OP_DATE;
  },
  prefix: (image, node, { length, shortest = length }) => {
    if (![length, shortest].every((count) => Number.isSafeInteger(count) && count >= 1 && count <= 1_000_000))
      return L.OP_HOST;
    image.set(node + L.NODE_ARGUMENT, length);
    image.set(node + L.NODE_SCALE, Math.max(length, shortest));
    return L.OP_PREFIX;
  },
};

/** Parameters that the kernel knows: an action with any other is the host's, lest the kernel let through what that one keeps back. */
const PARAMETERS = new Set(["action", "value", "multiple", "mode", "decimals", "to", "length", "shortest"]);

/** The operation for an action, with its arguments in the node. */
export function layEdit(image: Image, node: number, action: FieldAction): number {
  const lay: Lay<FieldAction["action"]> | undefined = EDITS[action.action] as
    | Lay<FieldAction["action"]>
    | undefined;
  const isKnown = Object.keys(action).every((parameter) => PARAMETERS.has(parameter));
  return lay === undefined || !isKnown ? L.OP_HOST : lay(image, node, action);
}

function layStep(image: Image, node: number, multiple: number, mode: number): number {
  const step = decimalThatFits(multiple);
  if (step === undefined || step.units <= 0n) return L.OP_HOST;
  image.set(node + L.NODE_ARGUMENT, mode);
  image.set(node + L.NODE_SCALE, step.scale);
  image.setLong(node + L.NODE_UNITS, step.units);
  return L.OP_ROUND;
}
