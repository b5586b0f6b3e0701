import { describe, expect, test } from "vitest";
import { type Command, FOLDER, OUTPUT, runProgram } from "../../src/cli/command.ts";
import { printResult } from "../../src/cli/output.ts";
import { ProblemsFound, Refusal, UsageError } from "../../src/cli/refusal.ts";
import { tableText } from "../../src/cli/table.ts";
import { MeshError } from "../../src/kernel/error.ts";
import { kept } from "./kept.ts";

const command = (run: Command["run"]): Command => ({
  usage: "audit query <name> [more...]",
  summary: "Look.",
  options: [FOLDER, ...OUTPUT, { flags: "--from-start", text: "all of it" }],
  run,
});

async function called(run: Command["run"], ...args: readonly string[]) {
  const { texts, context } = kept();
  const exit = await runProgram([command(run)], args, context);
  return { exit, ...texts };
}
const throwing = (failure: unknown) => () => {
  throw failure;
};

describe("a command", () => {
  test("gets its arguments, options and switches", async () => {
    const seen: unknown[] = [];
    const { exit } = await called(
      (call) => {
        seen.push(
          call.args,
          call.arg(0),
          call.arg(9),
          call.text("folder"),
          call.has("fromStart"),
          call.format,
        );
        return 1;
      },
      ...["audit", "query", "a", "b", "-C", "x", "--from-start", "-o", "yaml"],
    );
    expect([exit, ...seen]).toEqual([1, ["a", "b"], "a", "", "x", true, "yaml"]);
  });

  test.each([
    ["an unknown command", ["adit"], "unknown command 'adit'"],
    ["an unknown command of a group", ["audit", "qery"], "unknown command 'qery'"],
    ["a missing argument", ["audit", "query"], "missing required argument 'name'"],
    ["an unknown option", ["audit", "query", "a", "--nothing"], "unknown option '--nothing'"],
    ["an unknown format", ["audit", "query", "a", "-o", "xml"], "Allowed choices are table, json, yaml"],
  ])("called with %s: exit code 2, on stderr", async (_, args, words) => {
    const { exit, out, err } = await called(() => 0, ...args);
    expect([exit, out]).toEqual([2, ""]);
    expect(err).toContain(words);
  });

  test("shows its help on stdout with exit code 0", async () => {
    const { exit, out, err } = await called(() => 1, "audit", "query", "--help");
    expect([exit, err]).toEqual([0, ""]);
    expect(out).toContain("tiermesh audit query [options] <name> [more...]");
  });
});

describe("a failure", () => {
  const problem = {
    severity: "error",
    file: "a\u001b[31m.yaml",
    line: 2,
    column: 3,
    pointer: "/x",
    rule: "file.kind",
    message: "It is wrong.",
    mend: "Mend it.",
  } as const;
  test.each([
    [
      new MeshError("KAFKA_UNAVAILABLE", "No broker answers.", { context: { file: "gateway.yaml" } }),
      1,
      "error: Kafka can't be reached (KAFKA_UNAVAILABLE)\n  No broker answers.\n  at gateway.yaml\n  Check `kafka.brokers` in gateway.yaml and that the brokers run.\n",
    ],
    [
      new Refusal({ title: "No", detail: "Because.", place: "x:1:2", mend: "Do." }),
      1,
      "error: No\n  Because.\n  at x:1:2\n  Do.\n",
    ],
    [new ProblemsFound([problem]), 1, "a\uFFFD[31m.yaml:2:3  error  file.kind\n  It is wrong.\n  Mend it.\n"],
    [new UsageError("Too much."), 2, "error: Too much.\n"],
    [
      new MeshError("PARTNER_UNREACHABLE", "No TLS connection to a:1 comes about."),
      1,
      "error: This folder's gateway does not answer (PARTNER_UNREACHABLE)\n  No TLS connection to a:1 comes about.\n  Start it with `tiermesh serve`, or name another folder with -C.\n",
    ],
    [
      new MeshError("PARTNER_REFUSED", "POST a:1/operator/x was refused with CONFLICT: It was revoked.", {
        context: { code: "CONFLICT", status: 409 },
      }),
      1,
      "error: The state does not allow that (CONFLICT)\n  It was revoked.\n  Look at the present state with `tiermesh get`.\n",
    ],
    [
      new MeshError("PARTNER_REFUSED", "POST a:1/x was refused with NEWER_CODE: So it is.", {
        context: { code: "NEWER_CODE", status: 400 },
      }),
      1,
      "error: The partner's gateway refused the request (PARTNER_REFUSED)\n  POST a:1/x was refused with NEWER_CODE: So it is.\n  Read the reason; ask the partner.\n",
    ],
  ])("of the kind %s is told in words", async (failure, exit, err) => {
    expect(await called(throwing(failure), "audit", "query", "a")).toMatchObject({ exit, err, out: "" });
  });

  test("that nobody expected is told without what it says, which may be payload", async () => {
    const told = await called(throwing(new SyntaxError("CANARY")), "audit", "query", "a");
    expect(told.exit).toBe(1);
    expect(told.err).toContain("SyntaxError");
    expect(told.err).not.toMatch(/CANARY|\n {4}at /);
    expect(told.debug).toContain("CANARY");
  });
});

describe("a result", () => {
  const columns = [
    { head: "NAME", cell: (row: { name: string }) => row.name },
    { head: "SIZE", cell: (row: { name: string }) => String(row.name.length) },
  ];
  test("is a table for people, without characters that steer a terminal", () => {
    const rows = [{ name: "a" }, { name: "long\u001b[2J" }, { name: "two\nlines" }];
    expect(tableText(columns, rows, kept().context.out)).toBe(
      "NAME       SIZE\na          1\nlong\uFFFD[2J   8\ntwo lines  9\n",
    );
  });

  test("is JSON or YAML for machines", () => {
    const { texts, context } = kept();
    const value = { a: ["1", true, "2026-01-01T00:00:00Z", "no"] };
    printResult(context, "json", value, () => "");
    expect(JSON.parse(texts.out)).toEqual(value);
    printResult(context, "yaml", value, () => "");
    expect(texts.out).toContain('a:\n  - "1"\n  - true\n  - "2026-01-01T00:00:00Z"\n  - "no"\n');
  });
});
