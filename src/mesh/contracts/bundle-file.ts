import type { Document } from "../../document/document.ts";
import { nearestName, quoteName } from "../../document/name.ts";
import { checkShape, compileShape, type Shape } from "../../document/shape.ts";
import { digestOf } from "../../kernel/digest.ts";
import type { Json } from "../../kernel/json.ts";
import type { ModuleUse, PolicyBundle, Selector } from "../../kernel/policy-bundle.ts";
import type { Problem } from "../../kernel/problem.ts";
import { closed, list } from "./odcs/pieces.ts";
import { listOf, memberOf, textOf } from "./profile.ts";
import { Report } from "./report.ts";

const NAME = { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$" };
const SELECTED = { ...list({ type: "string", minLength: 1 }), minItems: 1, uniqueItems: true };

const BUNDLE: Shape = compileShape(
  closed(
    {
      apiVersion: { const: "tiermesh/v1" },
      kind: { const: "PolicyBundle" },
      metadata: closed({ name: NAME, version: { type: "string", minLength: 1, maxLength: 64 } }, [
        "name",
        "version",
      ]),
      spec: closed(
        {
          direction: { enum: ["outbound", "inbound"] },
          mode: { enum: ["enforced", "shadow"] },
          modules: list(
            closed(
              {
                use: { type: "string" },
                when: closed({
                  partners: SELECTED,
                  groups: SELECTED,
                  countries: { ...SELECTED, items: { type: "string", pattern: "^[A-Z]{2}$" } },
                  contracts: SELECTED,
                  purposes: SELECTED,
                }),
                with: {},
              },
              ["use"],
            ),
          ),
        },
        ["modules"],
      ),
    },
    ["apiVersion", "kind", "metadata", "spec"],
  ),
  "bundle",
);

const shapes = new WeakMap<object, Shape>();

/** A module's settings are compiled once, however many bundles use it. */
function settingsShape(schema: object): Shape {
  const known = shapes.get(schema) ?? compileShape(schema, "bundle");
  shapes.set(schema, known);
  return known;
}

/**
 * Reads a policy bundle. `settings` holds the modules of this gateway: name → JSON Schema (2020-12) of what stands under `with`.
 * Undefined: the bundle was accepted before, and its modules are not looked at, so that it stays in force on a gateway that has lost one:
 * what this gateway does not have, or does not take, denies when a plan is compiled.
 * Rules are named `bundle.*`. The bundle is undefined when there is an error.
 */
export function readBundle(
  document: Document,
  settings: ReadonlyMap<string, object> | undefined,
): { readonly bundle: PolicyBundle | undefined; readonly problems: readonly Problem[] } {
  const report = new Report();
  report.addAll(document.warnings);
  report.addAll(checkShape(document, BUNDLE));
  const spec = memberOf(document.value, "spec");
  const modules = listOf(memberOf(spec, "modules")).map((item, index) =>
    readUse(document, item, `/spec/modules/${index}`, settings, report),
  );
  if (report.errors > 0) return { bundle: undefined, problems: report.problems };
  const metadata = memberOf(document.value, "metadata");
  const bundle: PolicyBundle = {
    name: textOf(memberOf(metadata, "name")) ?? "",
    version: textOf(memberOf(metadata, "version")) ?? "",
    digest: digestOf(document.value),
    direction: memberOf(spec, "direction") === "inbound" ? "inbound" : "outbound",
    mode: memberOf(spec, "mode") === "shadow" ? "shadow" : "enforced",
    modules,
  };
  return { bundle, problems: report.problems };
}

function readUse(
  document: Document,
  item: Json,
  pointer: string,
  settings: ReadonlyMap<string, object> | undefined,
  report: Report,
): ModuleUse {
  const use = textOf(memberOf(item, "use")) ?? "";
  const schema = settings?.get(use);
  const given = memberOf(item, "with");
  if (settings !== undefined && schema === undefined && use !== "") {
    const near = nearestName(use, settings.keys());
    const message = `This gateway has no policy module ${quoteName(use)}.`;
    const mend = near === undefined ? undefined : `Did you mean ${quoteName(near)}?`;
    report.add(document, "bundle.unknown-module", `${pointer}/use`, message, mend);
  }
  if (schema !== undefined) report.addAll(checkSettings(document, schema, given, pointer));
  const declared = { file: document.file, ...document.locate(pointer) };
  return { use, when: (memberOf(item, "when") ?? {}) as Selector, with: given ?? {}, declared };
}

/** A module without settings gets none, which its schema may refuse: then at the module's own place. */
function checkSettings(
  document: Document,
  schema: object,
  given: Json | undefined,
  pointer: string,
): readonly Problem[] {
  const shape = settingsShape(schema);
  if (given !== undefined) return checkShape(document, shape, `${pointer}/with`);
  return checkShape({ ...document, value: {} }, shape).map((problem) => ({
    ...problem,
    ...document.locate(pointer),
    pointer,
  }));
}

/**
 * Two bundles of one name: the registry knows a bundle by its name, so of two that are applied only the later one would be in
 * force. Each but the first of a name has the problem, which names both files.
 */
export function bundleClashes(documents: readonly Document[]): readonly Problem[] {
  const pointer = "/metadata/name";
  const firsts = new Map<string, Document>();
  const problems: Problem[] = [];
  for (const document of documents) {
    const name = textOf(memberOf(memberOf(document.value, "metadata"), "name"));
    if (name === undefined) continue;
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, document);
    else
      problems.push({
        severity: "error",
        file: document.file,
        ...document.locate(pointer),
        pointer,
        rule: "bundle.name-taken",
        message: `The policy bundles in ${first.file} and ${document.file} are both called ${quoteName(name)}, and only one of them can be in force.`,
        mend: "Give one of them another name, or take the older file away.",
      });
  }
  return problems;
}
