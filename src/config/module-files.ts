import { dirname, posix } from "node:path";
import { below, type Document } from "../document/document.ts";
import { quoteName } from "../document/name.ts";
import type { References } from "../document/reference.ts";
import { valueAt } from "../document/shape.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Problem } from "../kernel/problem.ts";

/** A file with a policy module of the company's own, as gateway.yaml names it. */
export interface ModuleFile {
  /** As messages name the file. */
  readonly file: string;
  /** TypeScript. */
  readonly text: string;
  /** Where gateway.yaml names it. */
  readonly declared: Pick<Problem, "file" | "line" | "column" | "pointer">;
}

const MODULES = "/spec/policy/modules";

/** What is wrong with a path by its text alone; files beside gateway.yaml need no more. */
const PATH_FAULTS: readonly {
  readonly holds: (path: string) => boolean;
  readonly message: string;
  readonly mend: string;
}[] = [
  {
    holds: (path) => !path.endsWith(".ts"),
    message: "A policy module is a TypeScript file, and this path does not end in .ts.",
    mend: "Write for example modules/our-rule.ts.",
  },
  {
    holds: (path) => path.startsWith("/") || /^[A-Za-z]:|\\/.test(path) || path.split("/").includes(".."),
    message: "A policy module lies in the company's folder, and this path leads out of it.",
    mend: "Put the file into the folder of gateway.yaml, and write its path from there, with slashes.",
  },
];

/**
 * The policy modules that gateway.yaml names, read, with every problem. Nothing but this list makes a gateway run a file: no
 * contract, no bundle, and nothing that a partner sends. A document of another shape names none; its shape is told elsewhere.
 */
export function readModuleFiles(
  document: Document,
  { readInside }: Pick<References, "readInside">,
): { readonly files: readonly ModuleFile[]; readonly problems: readonly Problem[] } {
  const listed = valueAt(document.value, MODULES);
  const paths = Array.isArray(listed) ? listed : [];
  const files: ModuleFile[] = [];
  const problems: Problem[] = [];
  for (const [index, path] of paths.entries()) {
    if (typeof path !== "string") continue;
    const pointer = below(MODULES, index);
    const declared = { file: document.file, ...document.locate(pointer), pointer };
    const report = (rule: string, message: string, mend: string) =>
      problems.push({ severity: "error", ...declared, rule, message, mend });
    const fault = PATH_FAULTS.find(({ holds }) => holds(path));
    const text = fault === undefined ? readInside(path) : undefined;
    if (fault !== undefined) report("gateway.module-path", fault.message, fault.mend);
    else if (text === undefined)
      report(
        "gateway.module-missing",
        `The policy module ${quoteName(path)} can't be read: it is not there, is no UTF-8, or is a link that leads out of the folder.`,
        "Correct the path, which begins at the folder of gateway.yaml.",
      );
    else if (text.length > LIMITS.ownModules.sourceLengthMax)
      report(
        "gateway.module-size",
        `The policy module has more than ${LIMITS.ownModules.sourceLengthMax} characters.`,
        "Shorten it: a module is a rule, not a program.",
      );
    else files.push({ file: posix.join(dirname(document.file), path), text, declared });
  }
  return { files, problems };
}
