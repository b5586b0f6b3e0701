import { describe, expect, it } from "vitest";
import { patternFault } from "../../../../src/mesh/contracts/wire/pattern.ts";

describe("a pattern of the wire schema", () => {
  it.each([
    "^BPNL[0-9A-Z]{12}$",
    "^-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?$",
    "^(?<year>\\d{4})-(?:0[1-9]|1[0-2])$",
    "^[\\s\\S]{0,5000}$",
    // A matcher that tries one way after the other would take for ever over these.
    "(a*)*",
    "^(a|aa)+$",
    "(.*a){20}",
    "(/[^?#]*)*/00",
  ])("is taken when linear time is enough: %s", (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  });

  it.each([
    ["is not one of ECMA-262", "(a", /ECMA-262/],
    ["is none with the flag u", "\\%", /flag u/],
    ["refers back", "(a)\\1", /refers back/],
    ["looks ahead", "^(?!-)[a-z-]+$", /looks ahead or behind at character 2/],
    ["is too long", "a".repeat(1025), /characters/],
    ["has too many steps", "((a{9}b){9}c){90}", /500 steps/],
  ])("that %s is refused", (_what, pattern, fault) => {
    expect(patternFault(pattern)).toMatch(fault);
  });
});
