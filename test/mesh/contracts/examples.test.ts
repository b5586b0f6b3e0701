import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../../src/document/document.ts";
import type { Problem } from "../../../src/kernel/problem.ts";
import { readBundle } from "../../../src/mesh/contracts/bundle-file.ts";
import { readContract } from "../../../src/mesh/contracts/contract-file.ts";
import { MODULES } from "../../../src/policy/registry.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const contracts = globSync("contracts/*/contract.odcs.yaml", { cwd: root }).sort();

function problemsOf(file: string): readonly Problem[] {
  const document = readDocument(readFileSync(`${root}${file}`), file);
  if (!document.ok) return document.fault;
  const folder = `${root}${file.slice(0, file.lastIndexOf("/"))}`;
  const read = (path: string): Uint8Array | undefined =>
    existsSync(`${folder}/${path}`) ? readFileSync(`${folder}/${path}`) : undefined;
  return readContract(document.value, { read }).problems;
}

describe("the example contracts", () => {
  it("are four", () => {
    expect(contracts).toHaveLength(4);
  });

  it.each(contracts)("%s has no problem, not even a warning", (file) => {
    expect(problemsOf(file)).toEqual([]);
  });

  it.each(contracts)("%s has cases", (file) => {
    expect(
      globSync(file.replace("contract.odcs.yaml", "cases/*.yaml"), { cwd: root }).length,
    ).toBeGreaterThan(2);
  });
});

describe("the example policy", () => {
  it("has no problem", () => {
    const document = readDocument(readFileSync(`${root}policies/baseline.yaml`), "policies/baseline.yaml");
    if (!document.ok) throw new Error("It is well-formed.");
    const settings = new Map([...MODULES].map(([name, { settingsSchema }]) => [name, settingsSchema]));
    expect(readBundle(document.value, settings).problems).toEqual([]);
  });
});
