import { below, type Document } from "../../../document/document.ts";
import { quoteName } from "../../../document/name.ts";
import { checkShape } from "../../../document/shape.ts";
import type { Json } from "../../../kernel/json.ts";
import type { Report } from "../report.ts";
import { type Dialect, dialectOf, NEWEST } from "./dialects.ts";
import { type Reference, readReference } from "./reference.ts";

/** A reference, and the pointer of its keyword. */
export interface PlacedReference extends Reference {
  readonly pointer: string;
}

/** A JSON Schema beside the contract, judged but not compiled. */
export interface SchemaFile {
  /** Relative to the contract's folder. */
  readonly path: string;
  readonly document: Document;
  readonly dialect: Dialect;
  /** `$id` of the whole. */
  readonly id: string | undefined;
  /** Name of an anchor → pointer of its schema. */
  readonly anchors: ReadonlyMap<string, string>;
  readonly references: readonly PlacedReference[];
}

export const REFERENCE_KEYWORDS = ["$ref", "$recursiveRef", "$dynamicRef"] as const;

/** Values under these are data, not schemas. */
const DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "examples", "example"]);

/** Judges one schema file: its dialect, its form, and where its references lead. */
export function readSchemaFile(path: string, document: Document, report: Report): SchemaFile | undefined {
  const { value } = document;
  const declared = member(value, "$schema");
  const dialect = typeof declared === "string" ? dialectOf(declared) : NEWEST;
  if (dialect === undefined) {
    report.add(
      document,
      "mesh.schema-dialect",
      "/$schema",
      "The schema is of a version of JSON Schema that is not read.",
    );
    return undefined;
  }
  if (declared === undefined) {
    report.add(
      document,
      "mesh.schema-undeclared",
      "",
      "The schema does not say which version of JSON Schema it is of.",
    );
  }
  const problems = checkShape(document, { family: "mesh", validate: dialect.meta() });
  for (const { pointer, message } of problems) {
    report.add(document, "mesh.schema-invalid", pointer, `This is not ${dialect.name}: ${message}`);
  }
  const id = member(value, dialect.id);
  const survey = new Survey(path, document, dialect, typeof id === "string" ? id : undefined, report);
  survey.walk(value, "");
  return problems.length > 0 ? undefined : survey;
}

class Survey implements SchemaFile {
  readonly anchors = new Map<string, string>();
  readonly references: PlacedReference[] = [];
  readonly path: string;
  readonly document: Document;
  readonly dialect: Dialect;
  readonly id: string | undefined;
  readonly #report: Report;

  constructor(path: string, document: Document, dialect: Dialect, id: string | undefined, report: Report) {
    this.path = path;
    this.document = document;
    this.dialect = dialect;
    this.id = id;
    this.#report = report;
  }

  /** Depth is bounded, because documents are. */
  walk(value: Json, pointer: string): void {
    if (value === null || typeof value !== "object") return;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === "string") this.#word(name, inner, pointer);
      else if (!DATA.has(name)) this.walk(inner, below(pointer, name));
    }
  }

  #word(name: string, text: string, pointer: string): void {
    if (REFERENCE_KEYWORDS.some((keyword) => keyword === name)) this.#reference(text, `${pointer}/${name}`);
    if (name === "$anchor" || name === "$dynamicAnchor") this.anchors.set(text, pointer);
    if (name !== this.dialect.id || pointer === "") return;
    if (text.startsWith("#")) this.anchors.set(text.slice(1), pointer);
    else {
      const message = `A schema inside the file has a ${quoteName(name)} of its own.`;
      this.#report.add(this.document, "mesh.schema-nested-id", `${pointer}/${name}`, message);
    }
  }

  #reference(text: string, pointer: string): void {
    const reference = readReference(text, this.path, this.id);
    if (reference !== undefined) {
      this.references.push({ ...reference, pointer });
      return;
    }
    const message =
      "A reference leads out of the contract's folder; a gateway opens no connection and no other file for it.";
    this.#report.add(this.document, "mesh.schema-ref", pointer, message);
  }
}

function member(value: Json, name: string): Json | undefined {
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, Json>>)[name];
}
