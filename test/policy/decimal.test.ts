import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareDecimals,
  type Decimal,
  decimalOf,
  decimalText,
  isMultiple,
  isWhole,
  leastCommonMultiple,
  roundTo,
} from "../../src/policy/decimal.ts";

const read = (text: string): Decimal => {
  const value = decimalOf(text);
  if (value === undefined) throw new Error(`${text} is not read.`);
  return value;
};

describe("a decimal", () => {
  it.each([
    ["1E+3", "1000"],
    ["-0", "0"],
    ["-0.0e5", "0"],
    ["1.500", "1.5"],
    ["12e-1", "1.2"],
    ["0.000001", "0.000001"],
    ["1e-7", "0.0000001"],
    ["123456789012345678901234567890.5", "123456789012345678901234567890.5"],
    ["0e999999999999999999999", "0"],
  ])("%s is written %s", (given, text) => {
    expect(decimalText(read(given))).toBe(text);
  });

  it.each([
    "1e64",
    "1e400",
    "1e-65",
    "1e99999999999999999999999",
    `1${"0".repeat(64)}`,
    "NaN",
    "Infinity",
    "",
    "0x1",
  ])("%s is beyond arithmetic", (text) => {
    expect(decimalOf(text)).toBeUndefined();
  });

  it("is read at once, however many digits it has", () => {
    const zeros = "0".repeat(1_000_000);
    expect(decimalOf(`0.${zeros}1`)).toBeUndefined();
    expect(decimalOf(`1${zeros}`)).toBeUndefined();
    expect(decimalOf(`1.${zeros}`)).toEqual({ units: 1n, scale: 0 });
    expect(isWhole(`1${zeros}.${zeros}`)).toBe(true);
  });

  it.each([
    ["1", true],
    ["1.0", true],
    ["10e-1", true],
    ["1e400", true],
    ["0.5e1", true],
    ["0.5", false],
    ["1e-400", false],
  ])("%s is whole: %s", (text, whole) => {
    expect(isWhole(text)).toBe(whole);
  });

  it("has the text of the double that it came from, for any double in range", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (double) => {
        const value = decimalOf(String(double));
        if (value !== undefined) expect(Number(decimalText(value))).toBe(double === 0 ? 0 : double);
      }),
    );
  });

  it("compares, divides and rounds whole numbers as integers do", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(1n, 10n ** 10n), (units, step) => {
        const [value, multiple] = [read(String(units)), read(String(step))];
        expect(compareDecimals(value, multiple)).toBe(units < step ? -1 : units > step ? 1 : 0);
        expect(isMultiple(value, multiple)).toBe(units % step === 0n);
        const [low, high] = [roundTo(value, multiple, "floor"), roundTo(value, multiple, "ceil")];
        const floor = BigInt(decimalText(low));
        expect(floor <= units && units - floor < step && floor % step === 0n).toBe(true);
        expect(BigInt(decimalText(high)) - floor).toBe(units % step === 0n ? 0n : step);
      }),
    );
  });

  it("rounded stays where it is when it is rounded again", () => {
    const modes = fc.constantFrom(
      "half-even" as const,
      "half-up" as const,
      "floor" as const,
      "ceil" as const,
    );
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
        fc.constantFrom("100", "0.05", "7"),
        modes,
        (double, multiple, mode) => {
          const value = decimalOf(String(double));
          if (value === undefined) return;
          const once = roundTo(value, read(multiple), mode);
          expect(decimalText(roundTo(once, read(multiple), mode))).toBe(decimalText(once));
        },
      ),
    );
  });

  it("has a least common multiple with others, exactly", () => {
    expect(decimalText(leastCommonMultiple([read("0.1"), read("0.25"), read("2")]))).toBe("2");
    expect(decimalText(leastCommonMultiple([read("100"), read("1000")]))).toBe("1000");
  });
});
