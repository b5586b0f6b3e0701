import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { type Source, sourcesIn } from "./support/sources.ts";

/** A row of the table in docs/architecture.md: the table is the rule, so that the two can't drift apart. */
interface Row {
  readonly folder: string;
  readonly allowed: ReadonlySet<string>;
}

/** The composition root: it may import every room, and no room may import it. */
const ROOTS = ["src/cli", "src/lane.ts", "src/main.ts"];
/** Ways around the table. */
const FORBIDDEN_MODULES = new Set(["node:module", "node:vm"]);

const rows: readonly Row[] = sourcesIn("docs/architecture.md")
  .flatMap(({ text }) => text.split("\n"))
  .filter((line) => line.startsWith("| src/"))
  .map((line) => line.split(/[|,]/).map((cell) => cell.trim()))
  .map(([, folder = "", ...others]) => ({ folder, allowed: new Set([folder, ...others]) }))
  .sort((one, other) => other.folder.length - one.folder.length);

const isRoot = (path: string): boolean => ROOTS.some((root) => path === root || path.startsWith(`${root}/`));
const rowOf = (path: string): Row | undefined => rows.find(({ folder }) => path.startsWith(`${folder}/`));

const STATEMENT = /^\s*(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*["']([^"']+)["']/gm;
const CALL = /\bimport\s*\(\s*(?:"([^"]+)"|[^\s"])/g;

/** Static, type, side effect, re-export, dynamic, and the `import()` of a type; a computed name is a forbidden one. */
function specifiersIn(text: string): readonly string[] {
  const statements = [...text.matchAll(STATEMENT)].map(([, name]) => name ?? "");
  const calls = [...text.matchAll(CALL)].map(([, name]) => name ?? "a computed name");
  return [...statements, ...calls];
}

/** The folder of the table, or the package, that a specifier leads to. */
function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  if (!specifier.startsWith(".")) return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const target = posix.join(posix.dirname(path), specifier);
  return rowOf(target)?.folder ?? target;
}

function forbiddenImports({ path, text }: Source): readonly string[] {
  const row = rowOf(path);
  return specifiersIn(text).filter((specifier) => {
    const target = targetOf(path, specifier);
    if (target.startsWith("node:")) return FORBIDDEN_MODULES.has(target) && row?.allowed.has(target) !== true;
    if (isRoot(path)) return false;
    return isRoot(target) || row === undefined || !row.allowed.has(target);
  });
}

const sources = sourcesIn("src/**/*.ts");

describe("the table in docs/architecture.md", () => {
  test("is found, and so are the sources", () => {
    expect(rows.length).toBeGreaterThan(5);
    expect(sources.length).toBeGreaterThan(20);
  });

  test("has a row for every source outside of the composition root", () => {
    expect(sources.filter(({ path }) => !isRoot(path) && rowOf(path) === undefined)).toEqual([]);
  });

  test("allows every import of every source", () => {
    const offences = sources.flatMap((source) =>
      forbiddenImports(source).map((name) => `${source.path} imports ${name}`),
    );
    expect(offences).toEqual([]);
  });
});

describe("the reading of imports", () => {
  const imports = (path: string, text: string) => forbiddenImports({ path, text });

  test.each([
    ["a static import", 'import { openLink } from "../bridge/link.ts";'],
    ["an import over several lines", 'import {\n  one,\n  two,\n} from "../bridge/link.ts";'],
    ["an import of a type", 'import type { Route } from "../mesh/route.ts";'],
    ["an import for its effect", 'import "reflect-metadata";'],
    ["a re-export", 'export * from "kafkajs";'],
    ["a dynamic import", 'const undici = await import("undici");'],
    ["a dynamic import of a computed name", "await import(name);"],
    ["the import of a type in place", 'let link: import("../bridge/link.ts").Link;'],
    ["an import of the composition root", 'import { main } from "../main.ts";'],
    ["an import of a command", 'import { lint } from "../cli/commands/lint.ts";'],
    ["a way around", 'import { createRequire } from "node:module";'],
    ["a file outside of src", 'import { startKafka } from "../../dev/kafka/broker.ts";'],
  ])("sees %s", (_, text) => {
    expect(imports("src/policy/plan.ts", text)).toHaveLength(1);
  });

  test("passes what the row names, the folder itself and node: modules", () => {
    const text = 'import "../kernel/json.ts";\nimport "./meet.ts";\nimport "node:crypto";\n';
    expect(imports("src/policy/plan.ts", text)).toEqual([]);
  });

  test("goes by the most specific row", () => {
    expect(imports("src/mesh/cloudevents/attributes.ts", 'import "../../policy/plan.ts";')).toHaveLength(1);
    expect(imports("src/mesh/admit.ts", 'import "../policy/plan.ts";')).toEqual([]);
  });

  test("lets the composition root import every room", () => {
    expect(imports("src/main.ts", 'import "./bridge/link.ts";\nimport "fastify";')).toEqual([]);
  });

  test("refuses a folder without a row", () => {
    expect(imports("src/elsewhere/thing.ts", 'import "../kernel/json.ts";')).toHaveLength(1);
  });
});
