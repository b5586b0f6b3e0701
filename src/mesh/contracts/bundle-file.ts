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
 * Rules are named `bundle.*`. The bundle is undefined when there is an error.
 */
export function readBundle(
  document: Document,
  settings: ReadonlyMap<string, object>,
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
    modules,
  };
  return { bundle, problems: report.problems };
}

function readUse(
  document: Document,
  item: Json,
  pointer: string,
  settings: ReadonlyMap<string, object>,
  report: Report,
): ModuleUse {
  const use = textOf(memberOf(item, "use")) ?? "";
  const schema = settings.get(use);
  const given = memberOf(item, "with");
  if (schema === undefined && use !== "") {
    const near = nearestName(use, settings.keys());
    const message = `This gateway has no policy module ${quoteName(use)}.`;
    const mend = near === undefined ? undefined : `Did you mean ${quoteName(near)}?`;
    report.add(document, "bundle.unknown-module", `${pointer}/use`, message, mend);
  }
  if (schema !== undefined) report.addAll(checkSettings(document, schema, given, pointer));
  return { use, when: (memberOf(item, "when") ?? {}) as Selector, with: given ?? {} };
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
