import type { ModuleFile } from "../../src/config/module-files.ts";
import { loadModules } from "../../src/own-modules/own-modules.ts";
import type { PolicyModule } from "../../src/policy/module.ts";

/** A module whose `compile` has this body. */
export const moduleText = (body: string, words = ""): string =>
  `export const module = {
  name: "our-rule", version: "1.0.0", describe: "A rule of ours.", settingsSchema: { type: "object" }, ${words}
  compile(settings: any, facts: any): any { ${body} },
};
`;

let files = 0;

/** A file as gateway.yaml would name it; each its own, because what is known of one file is remembered. */
export function moduleFile(text: string): ModuleFile {
  files += 1;
  const place = { file: "gateway.yaml", line: 9, column: 23, pointer: "/spec/policy/modules/0" };
  return { file: `modules/${files}.ts`, text, declared: place };
}

/** The module of such a file, by the name `our-rule`. */
export function loaded(body: string, words = ""): PolicyModule {
  const { modules, problems } = loadModules([moduleFile(moduleText(body, words))]);
  const module = modules.get("our-rule");
  if (module === undefined) throw new Error(JSON.stringify(problems));
  return module;
}
