/** Compiles the policy kernel: `npm run kernel`. The module is kept in the repository; a test compares it with its sources. */
import { writeFileSync } from "node:fs";
import { compileKernel, MODULE_FILE } from "./compile.ts";

const module = await compileKernel();
writeFileSync(MODULE_FILE, module);
console.log(`${MODULE_FILE}: ${module.byteLength} bytes.`);
