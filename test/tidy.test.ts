import { stripTypeScriptTypes } from "node:module";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { ERRORS } from "../src/kernel/error.ts";
import { REASONS } from "../src/kernel/reason.ts";
import { type Source, sourcesIn } from "./support/sources.ts";

interface Rule {
  readonly name: string;
  /** Files to look at, by path. */
  readonly where: RegExp;
  /** The one place where it is allowed. */
  readonly home?: string;
  readonly banned: RegExp;
  /** What the rule must catch. */
  readonly offence: string;
}

const CODE = /\.(ts|mjs)$/;
const PURE = /^src\/(kernel|policy)\//;
const OURS = /^src\//;
const ALL = /./;

/** Comments may say such words; they stand on lines of their own. */
const RULES: readonly Rule[] = [
  {
    name: "no clock in pure rooms",
    where: PURE,
    banned: /\bDate\.now\b|\bnew Date\(\)|\bperformance\b/,
    offence: "Date.now()",
  },
  {
    name: "no chance in pure rooms",
    where: PURE,
    banned: /Math\.random|\brandom(Bytes|UUID|Int)\b/,
    offence: "Math.random()",
  },
  { name: "no process in pure rooms", where: PURE, banned: /\bprocess\./, offence: "process.cwd()" },
  {
    name: "nothing asynchronous in pure rooms",
    where: PURE,
    banned: /\b(async|await|fetch|setTimeout|setInterval)\b/,
    offence: "async () => 1",
  },
  {
    name: "only computing node: modules in pure rooms",
    where: PURE,
    banned: /"node:(?!(crypto|buffer|util|assert|assert\/strict)")/,
    offence: 'import { readFileSync } from "node:fs";',
  },
  {
    name: "the environment is read in one place",
    where: OURS,
    home: "src/config/environment.ts",
    banned: /process\.env|\benv\b.*"node:process"/,
    offence: "process.env.HOME",
  },
  {
    name: "nothing is printed but by the screen of the command line",
    where: OURS,
    banned: /\bconsole\./,
    offence: 'console.log("")',
  },
  {
    name: "an error has a code: MeshError, or node:assert for our own mistakes",
    where: OURS,
    banned: /throw new Error\(/,
    offence: 'throw new Error("")',
  },
  {
    name: "no unfinished business",
    where: ALL,
    banned: /\b(TODO|FIXME|XXX|HACK)\b/,
    offence: "// TODO: later",
  },
  {
    name: "no path of one machine",
    where: ALL,
    banned: /(?<![\w.}*])\/(work|root|home|Users)\/\w/,
    offence: '"/home/someone/project"',
  },
  {
    name: "no silenced check",
    where: CODE,
    banned: /biome-ignore|@ts-(ignore|expect-error|nocheck)/,
    offence: "// biome-ignore lint: so",
  },
  {
    name: "no test left out",
    where: CODE,
    banned: /\b(test|it|describe|suite)(\.\w+)*\.(skip|only|todo)\b/,
    offence: 'test.only("x")',
  },
];

/** These two say the banned words because they ban them. */
const EXEMPT = ["test/tidy.test.ts", "CONTRIBUTING.md"];
const LINES_MAX = 300;
const EMPTY_NAMES = /(^|[/-])(utils?|helpers?|managers?|common|misc|base)(\.|-|\/)/;

function offences(rule: Rule, sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => rule.where.test(path) && path !== rule.home && !EXEMPT.includes(path))
    .flatMap(({ path, text }) => linesOf(rule, text).map((line) => `${path}:${line}`));
}

function linesOf({ banned, where }: Rule, text: string): readonly number[] {
  const isComment = (line: string): boolean =>
    where !== ALL && where !== CODE && /^\s*(\/?\*|\/\/)/.test(line);
  return text.split("\n").flatMap((line, at) => (banned.test(line) && !isComment(line) ? [at + 1] : []));
}

const code = sourcesIn("{src,test,dev}/**/*.{ts,mjs}", "*.ts", "tiermesh");
const everything = [
  ...code,
  ...sourcesIn("{docs,contracts,examples,policies,templates,.ci}/**/*.*", ".ci/run", "*.{md,json}"),
].filter(({ path }) => path !== "package-lock.json");

describe("the sources", () => {
  test("are found", () => expect(code.length).toBeGreaterThan(50));

  test.each(RULES)("$name", (rule) => {
    expect(offences(rule, everything)).toEqual([]);
  });

  test.each(RULES)("a breach of “$name” would be seen", (rule) => {
    expect(offences(rule, [{ path: "src/kernel/breach.ts", text: `\n${rule.offence}\n` }])).toEqual([
      "src/kernel/breach.ts:2",
    ]);
  });

  test(`are at most ${LINES_MAX} lines long`, () => {
    expect(tooLong(code)).toEqual([]);
    expect(tooLong([{ path: "long.ts", text: "\n".repeat(LINES_MAX + 1) }])).toEqual(["long.ts"]);
  });

  test("have names that say what is inside", () => {
    expect(emptyNames(code)).toEqual([]);
    expect(emptyNames([{ path: "src/kafka/topic-utils.ts", text: "" }])).toHaveLength(1);
  });
});

function tooLong(sources: readonly Source[]): readonly string[] {
  return sources.filter(({ text }) => text.split("\n").length - 1 > LINES_MAX).map(({ path }) => path);
}

function emptyNames(sources: readonly Source[]): readonly string[] {
  return sources.map(({ path }) => path).filter((path) => EMPTY_NAMES.test(path));
}

const TWO_COMPANIES = "test/end-to-end/exactly-once.test.ts";
const ONBOARDING = "test/end-to-end/onboarding.test.ts";

/** Tests run these as programs, and import nothing of them. Source → the test that runs it. */
const RUN_AS_PROGRAMS: Readonly<Record<string, string>> = {
  "src/cli/commands/agreement-acts.ts": ONBOARDING,
  "src/cli/commands/apply.ts": ONBOARDING,
  "src/cli/commands/card.ts": "test/cli/init.test.ts",
  "src/cli/commands/request.ts": ONBOARDING,
  "src/cli/commands/serve.ts": TWO_COMPANIES,
  "src/cli/commands/test.ts": "test/cli/cases.test.ts",
  "src/cli/tiermesh.ts": "test/cli/lint.test.ts",
  "src/lane.ts": TWO_COMPANIES,
  "src/main.ts": TWO_COMPANIES,
};

/** A source that is types and constants alone has no behaviour to test. */
function hasBehaviour({ text }: Source): boolean {
  return /=>|\bfunction\b|\bclass\b/.test(stripTypeScriptTypes(text).replaceAll(/^\s*(\/?\*|\/\/).*$/gm, ""));
}

/** Paths of the project's own files that a file imports. */
function importsOf({ path, text }: Source): readonly string[] {
  const specifiers = [...text.matchAll(/\bfrom "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/g)];
  return specifiers.map(([, still, dynamic]) => posix.join(posix.dirname(path), still ?? dynamic ?? ""));
}

/** Commands are tested as programs too, one folder higher. */
const mirrorOf = (path: string): string =>
  path.replace("src/cli/commands/", "src/cli/").replace(/^src\/(.*)\.ts$/, "test/$1.test.ts");

/** `src/bridge` of all that lies below it; `src` of the roots. */
const roomOf = (path: string): string => path.split("/").slice(0, -1).slice(0, 2).join("/");

/** Sources that have no test of the same path, that no test imports, and that are no part of a source of their room which has one. */
function untested(sources: readonly Source[], tests: readonly Source[]): readonly string[] {
  const names = new Set(tests.map(({ path }) => path));
  const imported = new Set(tests.flatMap(importsOf));
  const own = sources.filter(
    ({ path }) => names.has(RUN_AS_PROGRAMS[path] ?? mirrorOf(path)) || imported.has(path),
  );
  const parts = own.flatMap((source) =>
    importsOf(source).filter((path) => path.startsWith(`${roomOf(source.path)}/`)),
  );
  const shown = new Set([...own.map(({ path }) => path), ...parts]);
  return sources.filter((source) => !shown.has(source.path) && hasBehaviour(source)).map(({ path }) => path);
}

describe("the tests", () => {
  test("mirror the sources", () => {
    expect(untested(sourcesIn("src/**/*.ts"), sourcesIn("test/**/*.ts"))).toEqual([]);
  });

  test("would be missed, but not for types, nor for a part of what is tested", () => {
    const meet = {
      path: "src/policy/meet.ts",
      text: 'import { order } from "./order.ts"; export function meet(): void {}',
    };
    const order = { path: "src/policy/order.ts", text: "export const order = () => 1;" };
    const types = {
      path: "src/kernel/shape.ts",
      text: "/** A function => */ export interface Shape { of(): string }",
    };
    const mirror = { path: "test/policy/meet.test.ts", text: "" };
    const other = {
      path: "test/policy/other.test.ts",
      text: 'import { meet } from "../../src/policy/meet.ts";',
    };
    expect(untested([meet, order, types], [])).toEqual(["src/policy/meet.ts", "src/policy/order.ts"]);
    expect(untested([meet, order], [mirror])).toEqual([]);
    expect(untested([meet], [other])).toEqual([]);
  });
});

/** Heading → text below it. */
function chaptersOf(markdown: string): ReadonlyMap<string, string> {
  const chapters = markdown.split(/^### /m).slice(1);
  return new Map(
    chapters.map((chapter) => [
      chapter.split("\n", 1)[0]?.trim() ?? "",
      chapter.replace(/^.*\n/, "").split(/^#/m)[0] ?? "",
    ]),
  );
}

/** What is wrong with the documentation of these codes. */
function undocumented(codes: readonly string[], markdown: string): readonly string[] {
  const chapters = chaptersOf(markdown);
  const missing = codes.filter((name) => (chapters.get(name) ?? "").trim().length < 80);
  return [...missing, ...[...chapters.keys()].filter((name) => !codes.includes(name))];
}

describe("docs/errors.md", () => {
  const [document] = sourcesIn("docs/errors.md");
  const codes = [...Object.keys(ERRORS), ...Object.keys(REASONS)];

  test("explains every code there is, and no other", () => {
    expect(undocumented(codes, document?.text ?? "")).toEqual([]);
  });

  test("would be caught with a missing code, an empty chapter and a code that is gone", () => {
    const text = `### A\n\n${"What you see. ".repeat(8)}\n\n### B\n\nShort.\n\n## Next\n\n### OLD\n`;
    expect(undocumented(["A", "B", "C"], text)).toEqual(["B", "C", "OLD"]);
  });
});
