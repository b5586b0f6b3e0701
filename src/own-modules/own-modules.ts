import type { ModuleFile } from "../config/module-files.ts";
import { nearestName, quoteName } from "../document/name.ts";
import { checkShape, compileShape, type Shape, soundShape } from "../document/shape.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";
import type { Problem } from "../kernel/problem.ts";
import { readPlainJson } from "../kernel/strict-json.ts";
import type { PolicyModule } from "../policy/module.ts";
import { MODULES } from "../policy/registry.ts";
import { ownModule } from "./own-module.ts";
import { askTwice } from "./sandbox.ts";
import type { Fault } from "./sandbox-messages.ts";
import { foreignWord, SETTINGS_WORDS } from "./settings-words.ts";

/** What came of the files: the modules that are sound, and everything that is wrong with the others. */
interface Loaded {
  readonly modules: ReadonlyMap<string, PolicyModule>;
  readonly problems: readonly Problem[];
}

/**
 * All modules that bundles may use: the built-in ones and the company's own. Each file runs once, in the sandbox, to say what it
 * is; one that has a problem is not among them, so that a bundle which uses it denies (POLICY_UNKNOWN).
 */
export function loadModules(files: readonly ModuleFile[]): Loaded {
  const modules = new Map(MODULES);
  const problems: Problem[] = [];
  const origins = new Map<string, ModuleFile>();
  for (const each of files) {
    const { module, problems: own } = loadOnce(each);
    problems.push(...own);
    if (module === undefined) continue;
    if (modules.has(module.name)) problems.push(taken(module.name, each, origins.get(module.name)));
    else modules.set(module.name, module);
    origins.set(module.name, each);
  }
  return { modules, problems };
}

/** Module → JSON Schema of its settings, for whoever reads bundles. */
export const settingsSchemas = (modules: Loaded["modules"]): ReadonlyMap<string, object> =>
  new Map([...modules].map(([name, { settingsSchema }]) => [name, settingsSchema]));

interface LoadedFile {
  readonly module: PolicyModule | undefined;
  readonly problems: readonly Problem[];
}

/** One object for one text, so that what is known of it, for example that it is slow, is known until the text changes. */
const known = new Map<string, LoadedFile>();

function loadOnce(file: ModuleFile): LoadedFile {
  const key = JSON.stringify([file.declared, file.file, file.text]);
  const loaded = known.get(key) ?? load(file);
  known.set(key, loaded);
  return loaded;
}

const WORDS: Shape = compileShape(
  {
    type: "object",
    required: ["name", "version", "describe", "settingsSchema"],
    properties: {
      name: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$" },
      version: { type: "string", minLength: 1, maxLength: 64 },
      describe: { type: "string", minLength: 1, maxLength: 300 },
      settingsSchema: { type: "object" },
    },
  },
  "module",
);

interface Words extends JsonMembers {
  readonly name: string;
  readonly version: string;
  readonly describe: string;
  readonly settingsSchema: JsonMembers;
  readonly compiles: boolean;
}
const areWords = (json: Json): json is Words => WORDS.validate(json);

function load(file: ModuleFile): LoadedFile {
  const answer = askTwice({ file: file.file, source: file.text, question: null });
  if ("fault" in answer) return refused(faultProblem(file, answer.fault));
  const read = readPlainJson(answer.text);
  const said = read.ok ? read.value : null;
  if (!areWords(said)) return refused(...wordProblems(file, said));
  const { name, version, describe, settingsSchema, compiles } = said;
  if (!compiles)
    return refused(problem(file, "module.compile", "The module has no function `compile`.", ADD));
  const foreign = foreignWord(settingsSchema);
  if (foreign !== undefined) {
    const near = nearestName(foreign, SETTINGS_WORDS);
    const message = `\`settingsSchema\` uses ${quoteName(foreign)}, which the schema of an own module can't have.`;
    const mend =
      near === undefined ? `It can have ${SETTINGS_WORDS.join(", ")}.` : `Did you mean \`${near}\`?`;
    return refused(problem(file, "module.settings-word", message, mend));
  }
  const settings = soundShape(settingsSchema, "bundle");
  if (settings === undefined)
    return refused(
      problem(file, "module.settings-schema", "`settingsSchema` is no JSON Schema.", "Correct it (2020-12)."),
    );
  return { module: ownModule(file, { name, version, describe, settingsSchema }, settings), problems: [] };
}

const ADD = "Add `compile(settings, facts)`, which returns what must not leave.";

const refused = (...problems: readonly Problem[]): LoadedFile => ({ module: undefined, problems });

/** What a module says of itself has no line: the file as a whole is told. */
function wordProblems(file: ModuleFile, said: Json): readonly Problem[] {
  const place = () => ({ line: 1, column: 1 });
  const document = { file: file.file, value: said, warnings: [], locate: place, locateKey: place };
  return checkShape(document, WORDS);
}

/** Fault → rule, and what it means before anything was asked. */
const FAULTS: Readonly<Record<Fault["kind"], readonly [message: string, mend: string]>> = {
  source: [
    "The file is no policy module",
    "It is TypeScript that Node can strip, with `export const module = {…}`.",
  ],
  threw: [
    "The module throws, or says of itself what is no plain data",
    "Correct `export const module = {…}`.",
  ],
  large: ["The module says too much of itself", "Shorten `describe` and `settingsSchema`."],
  slow: ["The module did not end in time", "Look for a loop without an end."],
  died: [
    "The module ended the process that it ran in, as one that needs too much memory does",
    "Make it smaller.",
  ],
  absent: [
    "The process in which modules run could not be started",
    "Look at the machine's memory and processes.",
  ],
};

function faultProblem(file: ModuleFile, { kind, line, message: told }: Fault): Problem {
  const [message, mend] = FAULTS[kind];
  const sentence = told === undefined ? `${message}.` : `${message}: ${told}.`;
  return { ...problem(file, `module.${kind}`, sentence, mend), ...(line !== undefined && { line }) };
}

function problem({ file }: ModuleFile, rule: string, message: string, mend: string): Problem {
  return { severity: "error", file, line: 1, column: 1, pointer: "", rule, message, mend };
}

function taken(name: string, { file, declared }: ModuleFile, other: ModuleFile | undefined): Problem {
  const owner = other === undefined ? "a module of tiermesh" : `the module of ${other.file}`;
  return {
    severity: "error",
    ...declared,
    rule: "module.name-taken",
    message: `The module of ${file} is called ${quoteName(name)}, as ${owner} is.`,
    mend: "Give it another name: bundles know modules by their names.",
  };
}
