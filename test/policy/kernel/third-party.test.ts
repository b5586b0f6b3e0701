import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readJson } from "../../../src/kernel/strict-json.ts";
import { thirdParty } from "../../support/third-party.ts";
import { derivedPlan } from "./derived-plan.ts";
import { expectSame, NEIGHBOURS, planOf, rule } from "./differential.ts";

const LIMITS = { bytesMax: 16_777_216, depthMax: 128, arrayLengthMax: 1_000_000 };
const share = { action: "share" } as const;

/** Everything leaves; nothing is listed; maps of anything; arrays of anything. */
const PLANS = [
  rule("", { action: share, check: { types: ["null", "boolean", "number", "string", "array", "object"] } }),
  rule("", { own: undefined, members: { a: rule("/a", { action: share }) } }),
  rule("", {
    own: undefined,
    members: { "*": rule("/*", { action: share }) },
    elements: rule("/*", { action: share }),
  }),
  rule("", {
    own: undefined,
    elements: rule("/*", { action: { action: "round", multiple: 10, mode: "half-up" } }),
  }),
].map((root) => planOf(root, { limits: LIMITS }));

const suite = thirdParty("jsontestsuite/test_parsing");

describe.skipIf(suite === undefined)("JSONTestSuite", () => {
  const files = suite === undefined ? [] : globSync("*.json", { cwd: suite }).sort();

  it("is there", () => expect(files.length).toBeGreaterThan(300));

  it("is read by the kernel as by the reference implementation, whatever the plan", () => {
    for (const file of files) {
      const bytes = readFileSync(join(suite ?? "", file));
      for (const plan of PLANS)
        for (const neighbour of NEIGHBOURS.slice(0, 5)) expectSame(plan, bytes, { neighbour });
    }
  });

  it("is permitted where JSON is valid, but for escaped names", () => {
    const valid = files.filter(
      (file) => file.startsWith("y_") && !file.includes("escaped_key") && !file.includes("duplicated"),
    );
    const refused = valid.filter((file) => {
      const verdict = expectSame(PLANS[0] ?? planOf(rule("")), readFileSync(join(suite ?? "", file)));
      return verdict.effect !== "permit" && !(verdict.effect === "other" && verdict.fault === "escaped name");
    });
    expect(refused).toEqual([]);
  });
});

const FOLDERS = ["catenax/core", "epcis", "catenax-network", "cloudevents"];

describe.each(FOLDERS)("the examples of %s", (name) => {
  const folder = thirdParty(name);
  const files = folder === undefined ? [] : globSync("**/*.{json,jsonld}", { cwd: folder }).sort();

  it.skipIf(folder === undefined)("leave under derived plans as by the reference implementation", () => {
    const counts = { permit: 0, unmet: 0, other: 0 };
    for (const file of files) {
      const bytes = readFileSync(join(folder ?? "", file));
      const read = readJson(bytes, LIMITS);
      if (!read.ok || bytes.length > 100_000) continue;
      for (const seed of [1, 2]) {
        const plan = planOf(derivedPlan(read.value, seed), { limits: LIMITS });
        counts[expectSame(plan, bytes).effect]++;
      }
    }
    expect(files.length).toBeGreaterThan(0);
    // Ordinary documents are the kernel's.
    expect(counts.permit).toBeGreaterThan(9 * counts.other);
  });
});
