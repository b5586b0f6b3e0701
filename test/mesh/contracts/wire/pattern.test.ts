import { describe, expect, it } from "vitest";
import { patternFault } from "../../../../src/mesh/contracts/wire/pattern.ts";

describe("a pattern", () => {
  it.each([
    "(a*)*",
    "(a+)+$",
    "^(a|aa)+$",
    "(a|a)*",
    "(\\w+\\s?)*",
    "(x+x+)+y",
    "(a|b|ab)*c",
    "^(?=(a+)+$)x",
    "(\\d+|[0-9]+)*z",
    "((a?)*)*",
    "(a{0,30}){0,30}b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(/[^?#]*)*/00",
    "([^a]|\\u0061?[b-z])*$",
  ])("with a loop that reads one text in two ways is refused: %s", (pattern) => {
    expect(patternFault(pattern)).toMatch(/several ways/);
  });

  it.each([
    "^BPNL[0-9A-Z]{12}$",
    "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    "^([a-z0-9-]+\\.)+[a-z]+$",
    "^-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?$",
    "^(a|b)*$",
    "^([0-9]{1,3}\\.)*$",
    "^(?!-)[a-z-]+(?<!-)$",
    "^\\p{L}+ [\\]\\\\-]*$",
    "^(?<year>\\d{4})-(?:0[1-9]|1[0-2])$",
    "^.*foo.*$",
  ])("that can read a text in one way, loop by loop, is taken: %s", (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  });

  it.each([
    ["is not one of ECMA-262", "(a", /ECMA-262/],
    ["is none with the flag u", "\\%", /flag u/],
    ["refers back", "(a)\\1", /refers back/],
    ["is too long", "a".repeat(1025), /characters/],
    ["has too many positions", "((a{100}){100}b)*", /several ways/],
  ])("that %s is refused", (_what, pattern, fault) => {
    expect(patternFault(pattern)).toMatch(fault);
  });
});
