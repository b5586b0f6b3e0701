import { expect, test } from "vitest";
import { everyFile } from "../../src/cli/every-file.ts";
import { ProblemsFound } from "../../src/cli/refusal.ts";
import { agreement } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

const AGREEMENT = agreement("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
const ids = (files: Readonly<Record<string, string>>, besides?: "nothing else") => {
  const path = folderWith(files);
  return everyFile({ path }, "agreements", "AccessAgreement", kept(path).context, besides).map(
    ({ id }) => id,
  );
};

test("every file of a kind is read, at any depth; there may be none", () => {
  const one = /id: (\S+)/.exec(AGREEMENT)?.[1];
  expect(
    ids({ "agreements/a.yaml": AGREEMENT, "agreements/old/b.yaml": AGREEMENT, "c.yaml": AGREEMENT }),
  ).toEqual([one, one]);
  expect(ids({ "card.yaml": "" })).toEqual([]);
});

test.each([
  ["is broken", "kind: AccessAgreement\n"],
  ["is no YAML", "a: [\n"],
])("one that %s stops it, because what it says would be missing", (_, text) => {
  expect(() => ids({ "agreements/a.yaml": AGREEMENT, "agreements/b.yaml": text })).toThrow(ProblemsFound);
});

test("one of no kind is passed over, or stops it where nothing else may stand there", () => {
  const files = { "agreements/a.yaml": AGREEMENT, "agreements/b.yaml": "kind: AccessAgreemnt\n" };
  expect(ids(files)).toHaveLength(1);
  expect(() => ids(files, "nothing else")).toThrow(ProblemsFound);
});
