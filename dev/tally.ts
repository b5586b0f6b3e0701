/** What ran, by full name. */
export interface Tally {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Suites, or tests outside of any suite. */
  readonly skipped: readonly string[];
}

/** The part that we read of the report of vitest's JSON reporter. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly fullName: string;
      readonly status: string;
    }[];
  }[];
}

/**
 * Counts a run. A file that failed without a failed test (it does not load, a hook threw) is one failure, and so is a
 * run that vitest calls failed although no test did (an error that nobody caught).
 */
export function tallyOf(json: string, succeeded: boolean): Tally {
  const report: Report = JSON.parse(json);
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const named = (status: string): readonly string[] =>
    tests.filter((test) => test.status === status).map((test) => test.fullName);
  const brokenFiles = report.testResults
    .filter(
      ({ status, assertionResults }) =>
        status === "failed" && assertionResults.every((test) => test.status !== "failed"),
    )
    .map(({ name }) => name);
  const failed = [...named("failed"), ...brokenFiles];
  if (failed.length === 0 && !succeeded) failed.push("vitest: an error outside of the tests");
  const skipped = tests
    .filter(({ status }) => status !== "passed" && status !== "failed")
    .map((test) => test.ancestorTitles.join(" > ") || test.fullName);
  return { passed: named("passed"), failed, skipped: [...new Set(skipped)] };
}
