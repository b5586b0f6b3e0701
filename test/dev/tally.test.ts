import { describe, expect, test } from "vitest";
import { tallyOf } from "../../dev/tally.ts";

type Case = readonly [status: string, name: string, ...ancestors: readonly string[]];

const fileOf = (status: string, ...cases: readonly Case[]) => ({
  name: "a.test.ts",
  status,
  message: "",
  assertionResults: cases.map(([state, name, ...ancestorTitles]) => ({
    status: state,
    ancestorTitles,
    fullName: [...ancestorTitles, name].join(" "),
  })),
});
const tally = (succeeded: boolean, ...testResults: readonly unknown[]) =>
  tallyOf(JSON.stringify({ testResults }), succeeded);

describe("the figures of a run", () => {
  test("count what passed and what failed", () => {
    const { passed, failed } = tally(false, fileOf("failed", ["passed", "one"], ["failed", "two"]));
    expect([passed, failed]).toEqual([["one"], ["two"]]);
  });

  test("name a skipped suite once, and a skipped test outside of any suite", () => {
    const file = fileOf(
      "passed",
      ["skipped", "one", "suite"],
      ["skipped", "two", "suite"],
      ["pending", "alone"],
    );
    expect(tally(true, file).skipped).toEqual(["suite", "alone"]);
  });

  test("count a file that does not load as a failure", () => {
    expect(tally(false, fileOf("failed")).failed).toEqual(["a.test.ts"]);
  });

  test("count a hook that threw after its tests passed as a failure", () => {
    expect(tally(false, fileOf("failed", ["passed", "one"])).failed).toEqual(["a.test.ts"]);
  });

  test("count an error outside of all tests as a failure", () => {
    expect(tally(false, fileOf("passed", ["passed", "one"])).failed).toHaveLength(1);
  });
});
