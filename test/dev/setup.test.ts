import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../support/sources.ts";

/** A fresh clone with programs of our own in place of npm, Java and Maven, so that no network is needed. */
let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "tiermesh-clone-"));
  for (const name of ["dev/setup.mjs", "dev/install.mjs", "dev/prerequisites.mjs", ".ci/run", "tiermesh"]) {
    cpSync(join(ROOT, name), join(clone, name));
  }
  writeFileSync(join(clone, "package.json"), '{"type":"module"}');
  writeFileSync(join(clone, "package-lock.json"), "{}\n");
  program("bin/java", "echo 'openjdk version \"17.0.15\"' >&2");
  program("bin/mvn", "echo 'Apache Maven 3.8.7'");
  npm();
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

function program(path: string, script: string): void {
  mkdirSync(join(clone, path, ".."), { recursive: true });
  writeFileSync(join(clone, path), `#!/bin/sh\n${script}\n`);
  chmodSync(join(clone, path), 0o755);
}

/** An npm that does `script` for `npm install`, and a Node 24 that prints its arguments. */
function npm(script = "true"): void {
  program("bin/npm", `[ "$1" = --version ] && echo 10.8.2 && exit\necho "npm $*"\n${script}`);
  program(
    "node_modules/.bin/node",
    '[ "$1" = --version ] && echo v24.21.0 && exit\necho "run $* $TIERMESH_TEST_KAFKA"',
  );
}

function run(command: string, args: readonly string[], path = `${join(clone, "bin")}:/usr/bin:/bin`) {
  const env = { ...process.env, PATH: path, JAVA_HOME: "", TIERMESH_TEST_KAFKA: "" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: clone, env, encoding: "utf8" });
  return { status, stdout, stderr };
}

const setup = (...args: readonly string[]) => run(process.execPath, ["dev/setup.mjs", ...args]);

describe("dev/setup.mjs", () => {
  test("names everything that is missing at once, with where to get it", () => {
    const { status, stderr } = run(process.execPath, ["dev/setup.mjs", "test"], "/nowhere");
    expect(status).toBe(2);
    expect(stderr).toMatch(/npm 9[^\n]+nodejs\.org/);
    expect(stderr).toMatch(/Java 17[^\n]+adoptium/);
    expect(stderr).toMatch(/Maven 3[^\n]+maven\.apache/);
  });

  test("says which version it found when that is too old", () => {
    program("bin/java", "echo 'openjdk version \"11.0.2\"' >&2");
    expect(setup("test").stderr).toContain("has version 11");
  });

  test("needs neither Java nor Maven where a Kafka is given", () => {
    rmSync(join(clone, "bin/java"));
    program("bin/mvn", "exit 1");
    const { status, stdout } = setup("demo", "--kafka", "127.0.0.1:9092", "--fast");
    expect(stdout).toContain("dev/demo/demo.ts --fast 127.0.0.1:9092");
    expect(status).toBe(0);
  });

  test("installs once, and again when the lock is another", () => {
    expect(setup("test", "a").stdout).toMatch(/npm install --no-audit --no-fund\nrun \S+dev\/test\.ts a/);
    expect(setup("test").stdout).not.toContain("npm install");
    writeFileSync(join(clone, "package-lock.json"), '{"other":1}\n');
    expect(setup("test").stdout).toContain("npm install");
  });

  test("refuses an installation that changed the lock", () => {
    npm("echo changed > package-lock.json");
    const { status, stderr } = setup("test");
    expect([status, stderr]).toEqual([2, expect.stringContaining("package-lock.json")]);
    expect(existsSync(join(clone, "node_modules/.tiermesh-stamp"))).toBe(false);
  });

  test("refuses an installation without Node 24", () => {
    rmSync(join(clone, "node_modules/.bin/node"));
    const { status, stderr } = setup("test");
    expect([status, stderr]).toEqual([2, expect.stringContaining("npm rebuild node")]);
  });

  test("says how it is used", () => {
    expect(setup("nonsense")).toMatchObject({ status: 2, stderr: expect.stringContaining("test|demo") });
    expect(setup("test", "--kafka", "nowhere")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("HOST:PORT"),
    });
  });
});

describe(".ci/run", () => {
  const ci = (script: string) => {
    npm(script);
    const { status, stdout } = run("bash", [".ci/run"]);
    return { status, lines: stdout.trimEnd().split("\n") };
  };

  test("ends with the figures of the tests", () => {
    const { status, lines } = ci("echo talk; echo 3 passed, 0 failed");
    expect([status, lines]).toEqual([0, ["npm test", "talk", "3 passed, 0 failed"]]);
  });

  test("keeps the exit code", () => {
    expect(ci("echo 3 passed, 1 failed; exit 1")).toMatchObject({
      status: 1,
      lines: ["npm test", "3 passed, 1 failed"],
    });
  });

  test("counts a run that broke off as a failure, whatever its exit code", () => {
    const { status, lines } = ci("echo broken");
    expect([status, lines.at(-1), lines]).toEqual([
      1,
      "0 passed, 1 failed",
      expect.arrayContaining(["broken"]),
    ]);
  });

  test("counts a changed lock as a failure", () => {
    const { status, lines } = ci("echo changed > package-lock.json; echo 3 passed, 0 failed");
    expect([status, lines.at(-1)]).toEqual([1, "3 passed, 1 failed"]);
    expect(readFileSync(join(clone, "package-lock.json"), "utf8")).toBe("changed\n");
  });
});

test("the launcher says what to do in a clone where nothing is installed", () => {
  rmSync(join(clone, "node_modules"), { recursive: true });
  expect(run(join(clone, "tiermesh"), [])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("npm install"),
  });
});
