const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** ISO/IEC 7812-1, annex B (Luhn): every second digit from the right counts double. For digits alone. */
export function keepsLuhn(digits: string): boolean {
  let total = 0;
  for (let place = 0; place < digits.length; place++) {
    const value = Number(digits.at(-1 - place)) * (1 + (place % 2));
    total += value > 9 ? value - 9 : value;
  }
  return total % 10 === 0;
}

/** GS1 General Specifications §7.9.1: weights 3 and 1 in turn, from the right. For digits without their check digit. */
export function gs1CheckDigit(digits: string): number {
  return (
    (10 -
      (sum([...digits].reverse().map((digit, index) => Number(digit) * (index % 2 === 0 ? 3 : 1))) % 10)) %
    10
  );
}

export const keepsGs1 = (digits: string): boolean =>
  gs1CheckDigit(digits.slice(0, -1)) === Number(digits.at(-1));

/** ISO/IEC 7064 MOD 97-10, as ISO 13616-1 applies it: the first four characters go to the end, and A is 10. */
export function keepsMod97(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** 49 CFR 565.15, table III: letter → value; digits are their own. */
const VIN_VALUES = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ";
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** 49 CFR 565.15 (c), ISO 3779 annex: the ninth character. For 17 capital letters and digits. */
export function vinCheckCharacter(vin: string): string {
  const values = [...vin].map(
    (character, index) => (VIN_VALUES.indexOf(character) % 10) * (VIN_WEIGHTS[index] ?? 0),
  );
  const rest = sum(values) % 11;
  return rest === 10 ? "X" : String(rest);
}
