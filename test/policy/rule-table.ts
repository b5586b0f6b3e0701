/** A row of the table of rules in docs/policies.md. */
interface RuleRow {
  readonly number: number;
  /** Modules by name, files by path. */
  readonly kept: readonly string[];
  readonly cases: readonly { readonly file: string; readonly names: readonly string[] }[];
}

/** What the table is held against. */
export interface RuleSources {
  readonly modules: readonly string[];
  /** Text of a file of the project; undefined: there is none. */
  read(path: string): string | undefined;
}

export const RULES = 26;

const quoted = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, inside = ""]) => inside);

/** The rows that begin with a number; a case is a file in backticks and the names of tests in it, in quotation marks. */
function rowsIn(page: string): readonly RuleRow[] {
  return page
    .split("\n")
    .filter((line) => /^\| *\d+ *\|/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, number, , kept = "", cases = ""]) => ({
      number: Number(number),
      kept: quoted(kept, /`([^`]+)`/g),
      cases: cases
        .split(";")
        .filter((each) => each !== "")
        .map((each) => ({
          file: quoted(each, /`([^`]+)`/g).join(),
          names: quoted(each, /“([^”]+)”/g),
        })),
    }));
}

const isFile = (name: string): boolean => name.includes("/");

/** Everything in which the table is not true, one sentence each. */
export function faultsOfRules(page: string, { modules, read }: RuleSources): readonly string[] {
  const rows = rowsIn(page);
  const numbers = rows.map(({ number }) => number);
  const wanted = Array.from({ length: RULES }, (_, index) => index + 1);
  const kept = rows.flatMap((row) => row.kept);
  return [
    ...wanted.filter((number) => !numbers.includes(number)).map((number) => `Rule ${number} has no row.`),
    ...numbers
      .filter((number, at) => numbers.indexOf(number) !== at)
      .map((number) => `Rule ${number} stands twice.`),
    ...numbers.filter((number) => !wanted.includes(number)).map((number) => `There is no rule ${number}.`),
    ...modules.filter((name) => !kept.includes(name)).map((name) => `The module ${name} keeps no rule.`),
    ...rows.flatMap((row) => faultsOfRow(row, { modules, read })),
  ];
}

function faultsOfRow({ number, kept, cases }: RuleRow, { modules, read }: RuleSources): readonly string[] {
  const isThere = (name: string): boolean =>
    isFile(name) ? read(name) !== undefined : modules.includes(name);
  const missing = cases.flatMap(({ file, names }) => {
    const text = read(file);
    if (text === undefined) return [`Rule ${number} names ${file}, which is not there.`];
    if (names.length === 0) return [`Rule ${number} names no test of ${file}.`];
    return names
      .filter((name) => !text.includes(`"${name}"`))
      .map((name) => `Rule ${number}: ${file} has no test “${name}”.`);
  });
  return [
    ...(kept.length === 0 ? [`Rule ${number} is kept by nothing.`] : []),
    ...(cases.length === 0 ? [`Rule ${number} has no case.`] : []),
    ...kept
      .filter((name) => !isThere(name))
      .map((name) => `Rule ${number} names ${name}, which is not there.`),
    ...missing,
  ];
}
