import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../src/document/document.ts";
import { checkShape } from "../../src/document/shape.ts";
import type { Problem } from "../../src/kernel/problem.ts";
import { readContract } from "../../src/mesh/contracts/contract-file.ts";
import { ODCS } from "../../src/mesh/contracts/odcs/odcs.ts";
import { thirdParty } from "../support/third-party.ts";

const examples = thirdParty("odcs/examples");
const negative = thirdParty("odcs/negative-tests");

/** Name for the report, and path. */
const filesIn = (folder: string | undefined): readonly (readonly [string, string])[] =>
  globSync(`${folder ?? "nowhere"}/**/*.yaml`)
    .sort()
    .map((file) => [basename(file), file]);

function problemsOf(file: string): readonly Problem[] {
  const document = readDocument(readFileSync(file), basename(file));
  return document.ok ? checkShape(document.value, ODCS) : document.fault;
}

describe.runIf(examples !== undefined)("official ODCS examples (third-party data)", () => {
  it("there are eighteen", () => {
    expect(filesIn(examples)).toHaveLength(18);
  });

  it.each(filesIn(examples))("%s keeps the standard", (_name, file) => {
    expect(problemsOf(file)).toEqual([]);
  });

  it.each(filesIn(examples))("%s has one problem as a stream: it has no profile", (_name, file) => {
    const document = readDocument(readFileSync(file), basename(file));
    if (!document.ok) throw new Error("It was read before.");
    const { contract, problems } = readContract(document.value, { read: () => undefined });
    expect(contract).toBeUndefined();
    expect(problems.map(({ rule }) => rule)).toEqual(["mesh.profile-missing"]);
  });
});

describe.runIf(negative !== undefined)("official ODCS negative tests (third-party data)", () => {
  it("there are twenty-eight", () => {
    expect(filesIn(negative)).toHaveLength(28);
  });

  it.each(filesIn(negative))("%s is refused, in few words", (_name, file) => {
    const problems = problemsOf(file);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(3);
    expect(problems.every(({ rule, severity }) => rule.startsWith("odcs.") && severity === "error")).toBe(
      true,
    );
  });
});
