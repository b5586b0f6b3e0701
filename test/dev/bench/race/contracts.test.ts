import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { demandEvent } from "../../../../dev/bench/race/events.ts";
import { companies } from "../../../cli/aurora.ts";
import { folderWith, run } from "../../../cli/program.ts";

const root = new URL("../../../../dev/bench/race/contracts/", import.meta.url);
const SIZES = [100, 1_000, 10_000, 100_000];

/** The folder of the publisher with one contract of the race, and the bundle if it is for that. */
async function folderFor(contract: string, bundles: readonly string[]): Promise<string> {
  const { files } = await companies();
  const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
  const own = Object.entries(files).filter(([path]) => !path.startsWith("contracts/"));
  return folderWith({
    ...Object.fromEntries(own),
    "contracts/race/contract.odcs.yaml": text(`${contract}/contract.odcs.yaml`),
    "contracts/race/payload.schema.json": text(`${contract}/payload.schema.json`),
    ...Object.fromEntries(bundles.map((file) => [`policies/${file}`, text(file)])),
  });
}

/** What becomes of one record of each size. */
async function preview(folder: string, name: string) {
  const events = SIZES.map((bytes, at) => demandEvent(at, bytes)).join("\n");
  const { out } = await run(
    folder,
    ["preview", name, "--partner", "helix", "--events", "-", "--json"],
    `${events}\n`,
  );
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("lint has nothing against the contracts and the bundle", async () => {
  const { code, out } = await run(process.cwd(), ["lint", fileURLToPath(root)]);
  expect(out).toMatch(/0 errors, 0 warnings/);
  expect(code).toBe(0);
});

test("full policy is eight rules, two of them pseudonyms, and lets every record leave", async () => {
  const decided = await preview(await folderFor("full-policy", ["bundle.yaml"]), "demand");
  expect(decided.map(({ effect }) => effect)).toEqual(SIZES.map(() => "permit"));
  const [small, kilobyte] = decided.map(({ fields }) =>
    fields.map(({ action }: { action: string }) => action).sort(),
  );
  expect(small).toEqual(["pseudonymize", "pseudonymize", "round"]);
  expect(kilobyte).toEqual([
    "drop",
    "drop",
    "prefix",
    "pseudonymize",
    "pseudonymize",
    "round",
    "round",
    "truncate-date",
  ]);
});

test("share-all changes nothing", async () => {
  const decided = await preview(await folderFor("share-all", []), "demand-whole");
  decided.forEach(({ effect, fields, record }, at) => {
    expect(effect).toBe("permit");
    expect(fields).toEqual([]);
    expect(record.value).toEqual(JSON.parse(demandEvent(at, SIZES[at] ?? 0)));
  });
});
