#!/usr/bin/env node
import { debuglog } from "node:util";
import { environment } from "../config/environment.ts";
import { runProgram } from "./command.ts";
import { agreementActs } from "./commands/agreement-acts.ts";
import { apply } from "./commands/apply.ts";
import { auditQuery } from "./commands/audit-query.ts";
import { auditReconcile } from "./commands/audit-reconcile.ts";
import { card } from "./commands/card.ts";
import { decrypt } from "./commands/decrypt.ts";
import { diff } from "./commands/diff.ts";
import { explain } from "./commands/explain.ts";
import { get } from "./commands/get.ts";
import { init } from "./commands/init.ts";
import { lint } from "./commands/lint.ts";
import { pause } from "./commands/pause.ts";
import { preview } from "./commands/preview.ts";
import { replay } from "./commands/replay.ts";
import { request } from "./commands/request.ts";
import { reset } from "./commands/reset.ts";
import { serve } from "./commands/serve.ts";
import { test } from "./commands/test.ts";
import { trace } from "./commands/trace.ts";
import { readAll, screenOf } from "./context.ts";

const COMMANDS = [
  init,
  card,
  lint,
  explain,
  preview,
  diff,
  test,
  serve,
  apply,
  request,
  ...agreementActs,
  pause,
  replay,
  reset,
  get,
  auditQuery,
  auditReconcile,
  decrypt,
  trace,
];

// Whoever reads the output may stop early, as `head` does; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
process.exitCode = await runProgram(COMMANDS, process.argv.slice(2), {
  out: screenOf(process.stdout),
  err: screenOf(process.stderr),
  cwd: process.cwd(),
  now: Date.now,
  env: environment,
  readInput: () => readAll(process.stdin),
  debug: debuglog("tiermesh"),
});
