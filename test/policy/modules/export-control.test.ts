import { describe, expect, it } from "vitest";
import { contract, partner } from "../sample.ts";
import { factsOf, rulesOf } from "./facts.ts";

const OPEN = { unclassified: "allow" };
const CLASSES = { classes: { "3E001": { countries: ["DE", "FR"] } }, unclassified: "deny" };
const DENIED = { denials: [{ code: "EXPORT_DENIED" }] };

const decided = (settings: object, country: string | undefined, exportClass: string | undefined) =>
  rulesOf(
    "export-control",
    { ...settings },
    factsOf(contract({}, { exportClass }), { partner: partner({ country }) }),
  );

describe("export-control", () => {
  it.each([
    ["a country that is allowed", { ...OPEN, allow: ["DE"] }, "DE", undefined],
    ["any country, where none is named", OPEN, "JP", undefined],
    ["a country that is not forbidden", { ...OPEN, deny: ["XX"] }, "DE", undefined],
    ["a country of the stream's class", CLASSES, "FR", "3E001"],
  ])("lets a stream go to %s", (_, settings, country, exportClass) => {
    expect(decided(settings, country, exportClass)).toEqual({});
  });

  it.each([
    ["a country that is not allowed", { ...OPEN, allow: ["DE"] }, "FR", undefined],
    [
      "a country that is forbidden, even if it is allowed too",
      { ...OPEN, allow: ["DE"], deny: ["DE"] },
      "DE",
      undefined,
    ],
    ["a country that nobody wrote down", OPEN, undefined, undefined],
    ["what is no country", { ...OPEN, deny: ["DE"] }, "de", undefined],
    ["a country outside of the stream's class", CLASSES, "JP", "3E001"],
    ["a country of its class that is forbidden", { ...CLASSES, deny: ["FR"] }, "FR", "3E001"],
    ["anybody, when nobody has a rule for its class", CLASSES, "DE", "9A004"],
    ["anybody, when its class is what every object has", CLASSES, "DE", "constructor"],
    ["anybody, when it has no class and must have one", CLASSES, "DE", undefined],
    ["anybody with a class, when there are no rules for classes", OPEN, "DE", "EAR99"],
  ])("does not let it go to %s", (_, settings, country, exportClass) => {
    expect(decided(settings, country, exportClass)).toEqual(DENIED);
  });
});
