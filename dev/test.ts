/**
 * `npm test`: every gate, then every test; all run even if one failed. The last line is `N passed, N failed`, where each
 * gate counts as one test. Arguments go to vitest, and then the gates are left out.
 */
import "./demo/quiet-timers.ts";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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

/** Gates run at the same time, so each says everything at once when it is over. A command that is missing fails its gate. */
async function runGate(name: string, [command, ...args]: readonly [string, ...string[]]): Promise<Tally> {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const status = await once(child, "close").then(
    ([code]) => code,
    (error: Error) => error.message,
  );
  console.log(
    `\n${name}: ${[command, ...args].join(" ")}\n${said}${status === 0 ? "" : `ended with ${status}`}`,
  );
  return status === 0
    ? { passed: [name], failed: [], skipped: [] }
    : { passed: [], failed: [name], skipped: [] };
}

/** A Kafka that can't be made ready fails the tests that need it; the others run. */
async function ready(): Promise<void> {
  if (process.env.TIERMESH_TEST_KAFKA) return;
  await prepareKafka().catch((error: Error) => console.error(error.message));
}

function runTests(args: readonly string[]): Tally {
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
const names = args.length === 0 ? Object.entries(GATES) : [];
// Kafka is fetched meanwhile, which is waiting for the most part.
const [gates] = await Promise.all([
  Promise.all(names.map(async ([name, command]) => await runGate(name, command))),
  ready(),
]);
const tallies = [...gates, runTests(args)];
const passed = tallies.flatMap((tally) => tally.passed);
const failed = tallies.flatMap((tally) => tally.failed);
for (const name of new Set(tallies.flatMap((tally) => tally.skipped))) console.log(`skipped: ${name}`);
for (const name of failed) console.log(`failed: ${name}`);
if (failed.length === 0 && passed.length === gates.length) failed.push("no test ran");
console.log(`${passed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
