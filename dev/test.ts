/**
 * `npm test`: every gate, then every test; all run even if one failed. The last line is `N passed, N failed`, where each
 * gate counts as one test. Arguments go to vitest, and then the gates are left out.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareKafka } from "./kafka/prepare.ts";
import { type Tally, tallyOf } from "./tally.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Name → command. `style` is Biome, `types` the compiler, `unused` knip. */
const GATES = {
  style: ["biome", "check"],
  types: ["tsc", "-p", "."],
  unused: ["knip"],
} as const;

function runGate(name: string, [command, ...args]: readonly [string, ...string[]]): Tally {
  console.log(`\n${name}: ${[command, ...args].join(" ")}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  return status === 0
    ? { passed: [name], failed: [], skipped: [] }
    : { passed: [], failed: [name], skipped: [] };
}

/** A Kafka that can't be made ready fails the tests that need it; the others run. */
async function ready(): Promise<void> {
  if (process.env.TIERMESH_TEST_KAFKA) return;
  await prepareKafka().catch((error: Error) => console.error(error.message));
}

async function runTests(args: readonly string[]): Promise<Tally> {
  await ready();
  const folder = mkdtempSync(join(root, "node_modules", ".vitest-report-"));
  const file = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  // The tests start the program many times: what was compiled once is kept.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, ".cache", "compile") };
  const { status } = spawnSync("vitest", ["run", ...reporters, ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  try {
    return tallyOf(readFileSync(file, "utf8"), status === 0);
  } catch {
    return { passed: [], failed: ["vitest wrote no report"], skipped: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const gates = args.length === 0 ? Object.entries(GATES).map(([name, command]) => runGate(name, command)) : [];
const tallies = [...gates, await runTests(args)];
const passed = tallies.flatMap((tally) => tally.passed);
const failed = tallies.flatMap((tally) => tally.failed);
for (const name of new Set(tallies.flatMap((tally) => tally.skipped))) console.log(`skipped: ${name}`);
for (const name of failed) console.log(`failed: ${name}`);
if (failed.length === 0 && passed.length === gates.length) failed.push("no test ran");
console.log(`${passed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
