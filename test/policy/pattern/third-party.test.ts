import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pattern } from "../../../src/policy/pattern/pattern.ts";
import { jsonFilesIn, stringsIn } from "./third-party-json.ts";

const files = jsonFilesIn("catenax/core", "catenax/evolution", "epcis", "cloudevents/formats", "odcs/schema");
const found = files.flatMap(({ value }) => [...stringsIn(value)]);
const patterns = [...new Set(found.flatMap(({ name, text }) => (name === "pattern" ? [text] : [])))];
const isValid = (source: string): boolean => {
  try {
    return new RegExp(source, "u") instanceof RegExp;
  } catch {
    return false;
  }
};
const runnable = patterns.filter((source) => Pattern.read(source).ok);
/** Some patterns take the oracle twice as long for each slash more. */
const isQuick = (text: string): boolean => text.length <= 80 && text.split("/").length <= 9;
const texts = [...new Set(found.map(({ text }) => text))].filter(isQuick);

describe.skipIf(files.length === 0)("the patterns of third-party schemas", () => {
  it("are found", () => {
    expect(patterns.length).toBeGreaterThan(60);
    expect(texts.length).toBeGreaterThan(2000);
  });

  it("are run, but for two that look ahead and three that are none with the flag u", () => {
    const refused = patterns.filter((source) => !Pattern.read(source).ok);
    expect(refused.filter((source) => !isValid(source)).map((source) => source.includes("\\%"))).toEqual([
      true,
      true,
      true,
    ]);
    expect(refused.filter(isValid).map((source) => source.slice(0, 4))).toEqual(["^(?!", "^(?!"]);
  });

  it.each(runnable)("mean the same to the platform's matcher: %s", (source) => {
    const pattern = Pattern.read(source);
    const oracle = new RegExp(source, "u");
    const says = (text: string): boolean => pattern.ok && pattern.value.run(text).matches;
    expect(texts.filter((text) => says(text) !== oracle.test(text))).toEqual([]);
    const near = fc.tuple(
      fc.stringMatching(oracle, { size: "xsmall" }),
      fc.nat({ max: 80 }),
      fc.constantFrom("", "0", "Z", "-", "/", "é"),
    );
    fc.assert(
      fc.property(near, ([text, at, other]) => {
        fc.pre(isQuick(text));
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect([says(text), says(changed)]).toEqual([oracle.test(text), oracle.test(changed)]);
      }),
      { numRuns: 30 },
    );
  });
});
