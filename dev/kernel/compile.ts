import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { PAGES } from "../../src/policy/kernel/layout.ts";

const KERNEL = new URL("../../src/policy/kernel/", import.meta.url);

/** The module as it is kept beside its sources. */
export const MODULE_FILE = fileURLToPath(new URL("kernel.wasm", KERNEL));

/** No runtime, no allocator, no imports but the memory and the host. */
const OPTIONS = [
  "assembly/index.ts",
  ...["--outFile", "kernel.wasm"],
  ...["--runtime", "stub"],
  ...["--enable", "simd"],
  ...["--use", "abort="],
  ...["--initialMemory", `${PAGES}`, "--maximumMemory", `${PAGES}`],
  "--importMemory",
  "--noExportMemory",
  "--noAssert",
  "-O3",
];

/** Compiles the sources of the kernel. The same sources always make the same bytes. */
export async function compileKernel(): Promise<Uint8Array> {
  let module: Uint8Array | undefined;
  const { error, stderr } = await asc.main(OPTIONS, {
    readFile: (name) => source(name),
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") module = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || module === undefined) throw new Error(`The kernel does not compile: ${stderr}`);
  return module;
}

/**
 * The compiler knows one file extension, `.ts`. Ours end in `.as`, so that nobody takes them for TypeScript; only the file that says
 * where things lie in memory is both languages.
 */
function source(name: string): string | null {
  const file = name.startsWith("assembly/") ? name.replace(/\.ts$/, ".as") : name;
  try {
    return readFileSync(new URL(file, KERNEL), "utf8");
  } catch {
    return null;
  }
}
