import { describe, expect, it } from "vitest";
import type { FieldAction } from "../../src/kernel/action.ts";
import { meetActions } from "../../src/policy/meet.ts";
import { outcome } from "./sample.ts";

describe("two of one kind", () => {
  const texts = ["", "A", "AB", "ABC", "ABCD", "12345", "123456", "1234567890"];
  const prefixes = [1, 2, 4].map((length) => ({ action: "prefix", length }) as const);
  const masks = [
    [2, 2],
    [0, 2],
    [1, 0],
  ].map(([keepFirst = 0, keepLast = 0]) => ({ action: "mask", keepFirst, keepLast, with: "*" }) as const);

  it.each([
    ["prefix", prefixes],
    ["mask", masks],
  ] as const)("%s: together they show no character that one of them hides", (_name, actions) => {
    const shown = (action: FieldAction, value: string): string[] => {
      const json = outcome(action, JSON.stringify(value), ["string"]) ?? "null";
      const left: unknown = JSON.parse(json);
      return typeof left === "string" ? [...left].map((each, at) => (each === value[at] ? each : "*")) : [];
    };
    for (const one of actions)
      for (const other of actions)
        for (const value of texts) {
          const both = shown(meetActions([one, other].map((action) => ({ action, by: "x" }))).action, value);
          for (const [at, character] of both.entries())
            if (character !== "*")
              expect([shown(one, value)[at], shown(other, value)[at]]).toEqual([character, character]);
        }
  });
});
