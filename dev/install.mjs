import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Installs the packages of package-lock.json unless they are there; a stamp with the lock's digest says so. Returns a
 * sentence when it went wrong.
 */
export function installPackages(root) {
  const lock = join(root, "package-lock.json");
  const stamp = join(root, "node_modules", ".tiermesh-stamp");
  const before = readFileSync(lock);
  const digest = createHash("sha256").update(before).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return undefined;
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) return "npm install failed; what it said stands above.";
  if (!readFileSync(lock).equals(before)) {
    return "npm install changed package-lock.json: it does not fit package.json. Look at the difference and commit it.";
  }
  const wrongNode = lackOfNode24(root);
  if (wrongNode === undefined) writeFileSync(stamp, digest);
  return wrongNode;
}

/** The npm package `node` fetches its program by an install script: where scripts are off, it is missing without a word. */
function lackOfNode24(root) {
  const { stdout } = spawnSync(join(root, "node_modules", ".bin", "node"), ["--version"], {
    encoding: "utf8",
  });
  if (stdout?.startsWith("v24.")) return undefined;
  return "Node 24 is missing from node_modules/. Allow the install script of the package node (npm config delete ignore-scripts), then run npm rebuild node.";
}
