import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { cpuOf, peakMiBOf, treeOf } from "../../../../dev/bench/race/processes.ts";

const stat = (pid: number, parent: number) => ({ pid, parent, cpuS: 0 });

test("a tree is its roots and all that came of them, each once", () => {
  const all = [stat(1, 0), stat(10, 1), stat(11, 10), stat(12, 11), stat(20, 1)];
  expect([...treeOf([10], all)].sort()).toEqual([10, 11, 12]);
  expect([...treeOf([11, 10], all)].sort()).toEqual([10, 11, 12]);
});

test("a process that ended counts nothing, and is no error", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  expect(cpuOf([child.pid ?? 0])).toBe(0);
  expect(peakMiBOf(child.pid ?? 0)).toBeNaN();
});

test("our own children are found", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  try {
    await once(child, "spawn");
    expect(treeOf([process.pid])).toContain(child.pid);
  } finally {
    child.kill();
    await once(child, "exit");
  }
});
