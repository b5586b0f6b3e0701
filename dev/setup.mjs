/**
 * From a fresh clone to running tests or the demo: `node dev/setup.mjs test|demo [--kafka HOST:PORT] [arguments]`. Plain
 * JavaScript for Node 20 or newer without packages, because it is what installs them; the rest runs on Node 24.
 */
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "./install.mjs";
import { missingPrerequisites } from "./prerequisites.mjs";

const PROGRAMS = { test: "dev/test.ts", demo: "dev/demo/demo.ts" };
const root = fileURLToPath(new URL("..", import.meta.url));
const [wanted, ...rest] = process.argv.slice(2);
const program = Object.hasOwn(PROGRAMS, wanted ?? "") ? PROGRAMS[wanted] : undefined;

if (program === undefined)
  stop([`Usage: node dev/setup.mjs ${Object.keys(PROGRAMS).join("|")} [--kafka HOST:PORT] [arguments]`]);
const { kafka, args } = takeKafka(rest);
stop(missingPrerequisites(kafka === undefined));
const trouble = installPackages(root);
if (trouble !== undefined) stop([trouble]);
run();

/** A Kafka that runs already; without one, our own is used. */
function takeKafka(words) {
  const at = words.indexOf("--kafka");
  if (at < 0) return { kafka: process.env.TIERMESH_TEST_KAFKA || undefined, args: words };
  const address = words[at + 1] ?? "";
  if (!/^[^\s:]+:\d+$/.test(address)) stop(["--kafka needs HOST:PORT of a running Kafka."]);
  return { kafka: address, args: words.toSpliced(at, 2) };
}

function stop(sentences) {
  if (sentences.length === 0) return;
  for (const sentence of sentences) console.error(sentence);
  process.exit(2);
}

function run() {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  if (kafka !== undefined) env.TIERMESH_TEST_KAFKA = kafka;
  const child = spawn(join(bin, "node"), [join(root, program), ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  // ^C reaches the child too, which cleans up; we wait for it.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => process.exit(code ?? 1));
}
