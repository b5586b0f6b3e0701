import type { RoundingMode } from "../kernel/action.ts";
import type { ValueCheck } from "../kernel/contract.ts";
import type { JsonMembers } from "../kernel/json.ts";
import { given, multiplesOf } from "./checked-shape.ts";
import { compareDecimals, type Decimal, decimalOf, decimalText, roundTo } from "./decimal.ts";

/** JSON Schema of numbers that keep the check, rounded. Rounding keeps their order, so the rounded bounds are bounds of them. */
export function roundedShape(check: ValueCheck, step: Decimal, mode: RoundingMode): JsonMembers {
  const bound = (...bounds: readonly (number | undefined)[]): readonly Decimal[] =>
    bounds.flatMap((each) => {
      const exact = each === undefined ? undefined : decimalOf(String(each));
      return exact === undefined ? [] : [roundTo(exact, step, mode)];
    });
  const [minimum] = bound(check.minimum, check.exclusiveMinimum).toSorted((a, b) => compareDecimals(b, a));
  const [maximum] = bound(check.maximum, check.exclusiveMaximum).toSorted(compareDecimals);
  const bounds = given({ minimum: numberOf(minimum), maximum: numberOf(maximum) });
  if (!isWholeStep(step)) return { type: "number", ...bounds };
  return { type: "integer", ...bounds, ...multiplesOf(Number(decimalText(step)), bounds) };
}

const isWholeStep = ({ units, scale }: Decimal): boolean => units % 10n ** BigInt(scale) === 0n;

const numberOf = (value: Decimal | undefined): number | undefined =>
  value === undefined ? undefined : Number(decimalText(value));
