import { Buffer } from "node:buffer";
import type { JsonType, ValueCheck } from "../../kernel/contract.ts";
import { decimalOf } from "../decimal.ts";
import { FORMATS } from "../formats.ts";
import type { CharTest } from "../pattern/char-test.ts";
import type { Outline } from "../pattern/outline.ts";
import { Pattern } from "../pattern/pattern.ts";
import type { Image } from "./image.ts";
import * as L from "./layout.ts";

const TYPE_BITS: Readonly<Record<JsonType, number>> = {
  null: L.TYPE_NULL,
  boolean: L.TYPE_BOOLEAN,
  integer: L.TYPE_INTEGER,
  number: L.TYPE_NUMBER,
  string: L.TYPE_STRING,
  array: L.TYPE_ARRAY,
  object: L.TYPE_OBJECT,
};
const ALL_TYPES = 127;

/** The types of a check as bits. */
export const typeBits = ({ types }: ValueCheck): number =>
  types === undefined ? ALL_TYPES : types.reduce((bits, type) => bits | TYPE_BITS[type], 0);

/** Formats that the kernel knows. */
const FORMAT_BITS: ReadonlyMap<string, number> = new Map([
  ["date", L.HAS_DATE],
  ["date-time", L.HAS_DATE_TIME],
  ["uuid", L.HAS_UUID],
]);

const BOUNDS = [
  ["minimum", L.BOUND_MINIMUM],
  ["maximum", L.BOUND_MAXIMUM],
  ["exclusiveMinimum", L.BOUND_EXCLUSIVE_MINIMUM],
  ["exclusiveMaximum", L.BOUND_EXCLUSIVE_MAXIMUM],
  ["multipleOf", L.BOUND_MULTIPLE],
] as const;

/** Units that the kernel's arithmetic takes. */
const UNITS_MAX = 10n ** 18n;
/** More are looked up faster in the memory of outcomes. */
const ENUM_MAX = 32;

/** A number as the kernel has it: units / 10^scale; undefined: it does not fit. */
export function decimalThatFits(
  value: number,
): { readonly units: bigint; readonly scale: number } | undefined {
  const decimal = Number.isFinite(value) ? decimalOf(String(value)) : undefined;
  if (decimal === undefined || decimal.scale > 18) return undefined;
  return decimal.units < UNITS_MAX && decimal.units > -UNITS_MAX ? decimal : undefined;
}

/** Keywords that the kernel knows, if only to ask the host: a check with any other is the host's. */
const KEYWORDS = new Set(
  ["types", "required", "enum", "minLength", "maxLength", "pattern", "format", "minItems", "maxItems"].concat(
    BOUNDS.map(([keyword]) => keyword),
  ),
);

export const hasKnownKeywords = (check: ValueCheck): boolean =>
  Object.keys(check).every((keyword) => KEYWORDS.has(keyword));

/** Can the kernel hold a value against this by itself? If not, the host does. */
export function isNative(check: ValueCheck): boolean {
  const { pattern, format, enum: listed } = check;
  const hasKnownFormat = format === undefined || FORMAT_BITS.has(format) || !FORMATS.has(format);
  const hasBounds = BOUNDS.every(([keyword]) => {
    const bound = check[keyword];
    const decimal = bound === undefined ? undefined : decimalThatFits(bound);
    if (bound === undefined) return true;
    return decimal !== undefined && (keyword !== "multipleOf" || decimal.units > 0n);
  });
  return (
    hasKnownKeywords(check) &&
    (pattern === undefined || outlineOf(pattern) !== undefined) &&
    hasKnownFormat &&
    hasBounds &&
    (listed === undefined || listed.length <= ENUM_MAX)
  );
}

/** Does the check demand anything of what is no container, besides its type? */
export const hasScalarDemands = (check: ValueCheck): boolean =>
  [
    check.minLength,
    check.maxLength,
    check.pattern,
    check.format,
    ...BOUNDS.map(([keyword]) => check[keyword]),
  ].some((demand) => demand !== undefined);

/** Is there a number from 0 on that is not within the bounds? */
export const hasBoundsAbove0 = (check: ValueCheck): boolean =>
  BOUNDS.some(([keyword]) => {
    const bound = check[keyword];
    if (bound === undefined) return false;
    return !((keyword === "minimum" && bound <= 0) || (keyword === "exclusiveMinimum" && bound < 0));
  });

/** Writes a native check into a node. Returns the node's `HAS_…` bits. */
export function layCheck(image: Image, node: number, check: ValueCheck): number {
  image.set(node + L.NODE_TYPES, typeBits(check));
  const format = FORMAT_BITS.get(check.format ?? "") ?? 0;
  return (
    L.HAS_CHECK |
    format |
    (check.types === undefined ? 0 : L.HAS_TYPES) |
    layRange(
      image,
      node,
      [L.HAS_LENGTH, L.NODE_LENGTH_LEAST, L.NODE_LENGTH_MOST],
      check.minLength,
      check.maxLength,
    ) |
    layRange(
      image,
      node,
      [L.HAS_ITEMS, L.NODE_ITEMS_LEAST, L.NODE_ITEMS_MOST],
      check.minItems,
      check.maxItems,
    ) |
    layEnum(image, node, check) |
    layOutline(image, node, check) |
    layBounds(image, node, check)
  );
}

const MOST = 0x7fff_ffff;

export function layRange(
  image: Image,
  node: number,
  [bit, least, most]: readonly [bit: number, least: number, most: number],
  from: number | undefined,
  to: number | undefined,
): number {
  if (from === undefined && to === undefined) return 0;
  image.set(node + least, Math.max(0, Math.min(MOST, Math.ceil(from ?? 0))));
  image.set(node + most, Math.max(-1, Math.min(MOST, Math.floor(to ?? MOST))));
  return bit;
}

/** Only texts are listed: of other values the host is asked. */
function layEnum(image: Image, node: number, { enum: listed }: ValueCheck): number {
  if (listed === undefined) return 0;
  image.set(
    node + L.NODE_ENUM,
    layTexts(
      image,
      listed.filter((value) => typeof value === "string"),
    ),
  );
  return L.HAS_ENUM;
}

/** A list of texts: their number, then address and length of each, in the spelling without escapes. */
export function layTexts(image: Image, texts: readonly string[]): number {
  const list = image.reserve(8 + 8 * texts.length);
  image.set(list, texts.length);
  texts.forEach((text, index) => {
    const bytes = Buffer.from(text);
    image.set(list + 8 + 8 * index, image.add(bytes));
    image.set(list + 12 + 8 * index, bytes.length);
  });
  return list;
}

function outlineOf(pattern: string): Outline | undefined {
  const read = Pattern.read(pattern);
  return read.ok ? read.value.outline : undefined;
}

/** Of characters beyond ASCII the host is asked, so the sets say nothing of them. */
function layOutline(image: Image, node: number, { pattern }: ValueCheck): number {
  const outline = pattern === undefined ? undefined : outlineOf(pattern);
  if (outline === undefined) return 0;
  const { places, rest } = outline;
  const list = image.reserve(L.OUTLINE_SETS + (places.length + 1) * L.OUTLINE_SET_BYTES);
  image.set(list, places.length);
  image.set(list + 4, Math.min(MOST, places.length + rest.most));
  [...places, rest.has].forEach((has, index) => {
    laySet(image, list + L.OUTLINE_SETS + index * L.OUTLINE_SET_BYTES, has);
  });
  image.set(node + L.NODE_OUTLINE, list);
  return L.HAS_OUTLINE;
}

function laySet(image: Image, at: number, has: CharTest): void {
  for (let code = 0; code < 128; code += 1) if (has(code)) image.mark(at + (code >> 5) * 4, 1 << (code & 31));
}

function layBounds(image: Image, node: number, check: ValueCheck): number {
  const bounds = BOUNDS.flatMap(([keyword, kind]) => {
    const bound = check[keyword];
    const decimal = bound === undefined ? undefined : decimalThatFits(bound);
    return decimal === undefined ? [] : [{ kind, ...decimal }];
  });
  if (bounds.length === 0) return 0;
  const list = image.reserve(8 + bounds.length * L.BOUND_BYTES);
  image.set(list, bounds.length);
  bounds.forEach(({ kind, scale, units }, index) => {
    const row = list + 8 + index * L.BOUND_BYTES;
    image.set(row, kind);
    image.set(row + 4, scale);
    image.setLong(row + 8, units);
  });
  image.set(node + L.NODE_BOUNDS, list);
  return L.HAS_BOUNDS;
}
