import type { RoundingMode } from "../kernel/action.ts";

/** An exact decimal number: `units` / 10^`scale`; `scale` is at least 0. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Digits before the point and digits after it that arithmetic takes: 1e400 would be 401 digits, and cost as much as it says. */
const DIGITS_MAX = 64;

/** RFC 8259 §6, and what ECMAScript writes for a double. */
const NUMBER = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** The number of a JSON token; undefined when it has more digits than arithmetic takes, or is no number. */
export function decimalOf(text: string): Decimal | undefined {
  const token = read(text);
  if (token === undefined) return undefined;
  const { negative, digits, exponent } = token;
  if (digits === "") return { units: 0n, scale: 0 };
  if (digits.length + exponent > DIGITS_MAX || -exponent > DIGITS_MAX) return undefined;
  const units = BigInt(digits) * tenTo(Math.max(exponent, 0));
  return { units: negative ? -units : units, scale: Math.max(-exponent, 0) };
}

/** Is the number whole (`1`, `1.0`, `10e-1`)? For tokens of any length. */
export function isWhole(text: string): boolean {
  const token = read(text);
  return token !== undefined && (token.digits === "" || token.exponent >= 0);
}

/** Plain notation, without an exponent, superfluous zeros or minus zero: one text for one number. */
export function decimalText({ units, scale }: Decimal): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0{1,64}$/, "");
  const text = fraction === "" ? whole : `${whole}.${fraction}`;
  return units < 0n ? `-${text}` : text;
}

/** Negative, zero or positive, as `one` is less than, equal to or greater than `other`. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  const scale = Math.max(one.scale, other.scale);
  const difference = unitsAt(one, scale) - unitsAt(other, scale);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** Is `value` a whole multiple of `multiple`, which is not zero? */
export function isMultiple(value: Decimal, multiple: Decimal): boolean {
  const scale = Math.max(value.scale, multiple.scale);
  return unitsAt(value, scale) % unitsAt(multiple, scale) === 0n;
}

/** Lower multiple, remainder against half of the multiple (−1, 0, 1) → take the higher one? */
const ROUNDS_UP: Readonly<Record<RoundingMode, (lower: bigint, half: number, exact: boolean) => boolean>> = {
  floor: () => false,
  ceil: (_lower, _half, exact) => !exact,
  "half-even": (lower, half) => half > 0 || (half === 0 && lower % 2n !== 0n),
  // Ties go away from zero; below zero that is the lower one.
  "half-up": (lower, half) => half > 0 || (half === 0 && lower >= 0n),
};

/** The nearest multiple of `multiple` (> 0) by the mode; floor and ceil are towards −∞ and +∞. */
export function roundTo(value: Decimal, multiple: Decimal, mode: RoundingMode): Decimal {
  const scale = Math.max(value.scale, multiple.scale);
  const units = unitsAt(value, scale);
  const step = unitsAt(multiple, scale);
  const remainder = ((units % step) + step) % step;
  const lower = (units - remainder) / step;
  const half = 2n * remainder < step ? -1 : Number(2n * remainder > step);
  const up = ROUNDS_UP[mode](lower, half, remainder === 0n);
  return { units: (up ? lower + 1n : lower) * step, scale };
}

/** The least common multiple of numbers > 0. */
export function leastCommonMultiple(numbers: readonly Decimal[]): Decimal {
  const scale = Math.max(0, ...numbers.map((each) => each.scale));
  const units = numbers.map((each) => unitsAt(each, scale));
  return {
    units: units.reduce((one, other) => (one / greatestCommonDivisor(one, other)) * other, 1n),
    scale,
  };
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestCommonDivisor(other, one % other);
}

/** A token without superfluous zeros: `digits` × 10^`exponent`; zero has no digits. */
function read(text: string): { negative: boolean; digits: string; exponent: number } | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", power = "0"] = match;
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === "0") start++;
  let end = digits.length;
  while (end > start && digits[end - 1] === "0") end--;
  const exponent = Number(power) - fraction.length + (digits.length - end);
  return { negative: sign === "-", digits: digits.slice(start, end), exponent };
}

const unitsAt = ({ units, scale }: Decimal, wanted: number): bigint => units * tenTo(wanted - scale);

const tenTo = (power: number): bigint => 10n ** BigInt(power);
