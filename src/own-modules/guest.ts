import { stripTypeScriptTypes } from "node:module";
import { types } from "node:util";
import { constants, createContext, Script } from "node:vm";
import { LIMITS } from "../kernel/limits.ts";
import { BARE_CONTEXT } from "./bare-context.ts";
import type { Answer, Fault, Request } from "./sandbox-messages.ts";

/**
 * The process in which modules run: started by the warden, with no rights to files, processes and threads, without the gateway's
 * environment, and without a way to make code of text. Each question gets a context of its own, so that a module keeps nothing.
 */
const BARE = new Script(BARE_CONTEXT);
const scripts = new Map<string, Script>();
const SCRIPTS_MAX = 50;

function answer({ file, source, question }: Request): Answer {
  let script: Script;
  try {
    script = scriptOf(source, file);
  } catch (error) {
    return { fault: { kind: "source", ...whereAndWhat(error) } };
  }
  const context = createContext(constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: "afterEvaluate",
  });
  const timeout = LIMITS.ownModules.msMax;
  try {
    BARE.runInContext(context);
    script.runInContext(context, { timeout });
    // A JSON text is an expression of JavaScript (ECMA-262, since 2019): text is all that crosses, either way.
    const asked = new Script(`$tell(module,${JSON.stringify(question)})`);
    const told: unknown = asked.runInContext(context, { timeout });
    if (typeof told !== "string") return { fault: { kind: "threw" } };
    // Of so much only the length crosses: the gateway has to hold what comes.
    return told.length > LIMITS.ownModules.answerBytesMax ? { fault: { kind: "large" } } : { text: told };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

/** Compiled once, however often it is asked. Throws where the file is no module. */
function scriptOf(source: string, filename: string): Script {
  const known = scripts.get(source);
  if (known !== undefined) return known;
  const plain = stripTypeScriptTypes(source);
  // The engine's own error for a dynamic import is an object of this process: a way out of the context.
  const at = plain.search(/\bimport\b/);
  if (at >= 0) throw new ImportFound(plain.slice(0, at).split("\n").length);
  const script = new Script(plain.replace(/^export (?=const module\b)/m, "       "), { filename });
  if (scripts.size >= SCRIPTS_MAX) scripts.clear();
  scripts.set(source, script);
  return script;
}

class ImportFound extends Error {
  readonly line: number;
  constructor(line: number) {
    super("A module imports nothing but types, and the word `import` stands nowhere else in it");
    this.line = line;
  }
}

/** Of an error of this process: the module's own code has not run yet. */
function whereAndWhat(error: unknown): Pick<Fault, "line" | "message"> {
  if (!(error instanceof Error)) return {};
  const line = error instanceof ImportFound ? error.line : Number(/:(\d+)\n/.exec(error.stack ?? "")?.[1]);
  return { message: messageOf(error), ...(Number.isInteger(line) && { line }) };
}

/** What came out of the module may be anything, a trap too: only own data members of what is an error by nature are read. */
function faultOf(thrown: unknown): Fault {
  if (!types.isNativeError(thrown)) return { kind: "threw" };
  const own = (name: string): unknown => Object.getOwnPropertyDescriptor(thrown, name)?.value;
  if (own("code") === "ERR_SCRIPT_EXECUTION_TIMEOUT") return { kind: "slow" };
  const message = own("message");
  return { kind: "threw", ...(typeof message === "string" && { message: message.slice(0, MESSAGE_MAX) }) };
}

const MESSAGE_MAX = 200;
const messageOf = ({ message }: Error): string => message.split("\n", 1)[0]?.slice(0, MESSAGE_MAX) ?? "";

process.on("message", (request: Request) => process.send?.({ id: request.id, answer: answer(request) }));
process.send?.("ready");
