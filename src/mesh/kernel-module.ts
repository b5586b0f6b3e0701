import { readFileSync } from "node:fs";

/** The policy kernel, compiled from src/policy/kernel/assembly by `npm run kernel`. */
export const kernelModule = (): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(new URL("../policy/kernel/kernel.wasm", import.meta.url)));
