/** Would a decimal number, as written, be another number when it is read as a double? Other notations: beyond 2^53. */
export function changesValue(source: string, value: number): boolean {
  const written = decimal(source);
  const read = decimal(String(value));
  if (written === undefined || read === undefined) return !Number.isSafeInteger(value);
  return written !== read;
}

const DECIMAL = /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/;

/** Sign, digits without zeros at either end, and the power of ten of the last digit: equal for equal numbers. */
function decimal(text: string): string | undefined {
  const parts = DECIMAL.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const short = trimZeros(digits);
  if (short === "") return "0";
  const power = Number(exponent) - fraction.length + (digits.length - short.length);
  return `${sign === "-" ? "-" : ""}${short}e${power}`;
}

function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}
