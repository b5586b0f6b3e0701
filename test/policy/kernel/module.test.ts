import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileKernel, MODULE_FILE } from "../../../dev/kernel/compile.ts";

describe("the module", () => {
  it("is what its sources compile to", async () => {
    expect(Buffer.from(await compileKernel()).equals(readFileSync(MODULE_FILE))).toBe(true);
  }, 120_000);

  it("has sources of at most 300 lines", () => {
    const files = globSync("src/policy/kernel/assembly/*.as");
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => readFileSync(file, "utf8").split("\n").length > 301)).toEqual([]);
  });
});
