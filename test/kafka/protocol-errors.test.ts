import { protocolErrorsCodesById } from "@platformatic/kafka";
import { expect, it } from "vitest";
import { ERROR_NAMES, nameOfError } from "../../src/kafka/protocol-errors.ts";

it("an error's name is the one that another client knows it by", () => {
  const theirs = Object.entries(protocolErrorsCodesById);
  expect(theirs.length).toBeGreaterThan(100);
  expect(theirs.map(([code]) => [code, nameOfError(Number(code))])).toEqual(theirs);
  expect(ERROR_NAMES).toEqual(new Set(theirs.map(([, name]) => name)));
});

it("an error that came later keeps its number", () => {
  expect(nameOfError(29_999)).toBe("error 29999");
});
