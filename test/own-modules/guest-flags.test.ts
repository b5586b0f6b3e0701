import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guestFlags } from "../../src/own-modules/guest-flags.ts";
import { ROOT } from "../support/sources.ts";

/** What becomes of this code in such a process, outside of any context. */
function run(code: string): string {
  const args = [...guestFlags([join(ROOT, "src")]), "--input-type=module", "--eval"];
  const caught = `try { ${code}; console.log("done"); } catch (error) { console.log(error.code ?? error.name); }`;
  return spawnSync(process.execPath, [...args, caught], { env: {}, encoding: "utf8" }).stdout.trim();
}

test.each([
  ["reads the sources", `(await import("node:fs")).readFileSync("${ROOT}/src/main.ts")`, "done"],
  [
    "reads nothing else",
    `(await import("node:fs")).readFileSync("${ROOT}/package.json")`,
    "ERR_ACCESS_DENIED",
  ],
  [
    "writes nothing",
    `(await import("node:fs")).writeFileSync("${ROOT}/src/new.ts", "")`,
    "ERR_ACCESS_DENIED",
  ],
  ["starts no process", '(await import("node:child_process")).spawnSync("true")', "ERR_ACCESS_DENIED"],
  [
    "starts no thread",
    'new (await import("node:worker_threads")).Worker("1", { eval: true })',
    "ERR_ACCESS_DENIED",
  ],
  ["makes no code of text", 'Function("return 1")()', "EvalError"],
  ["has no environment", "if (Object.keys(process.env).length > 0) throw new RangeError()", "done"],
])("the process of the modules %s", (_, code, outcome) => {
  expect(run(code)).toBe(outcome);
});

test("the process of the modules ends when it takes too much memory", () => {
  expect(run("const all = []; for (;;) all.push(new Array(1e5).fill(all.length))")).toBe("");
});
