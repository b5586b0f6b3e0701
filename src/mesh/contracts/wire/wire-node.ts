import { isMembers, type Json, type JsonMembers } from "../../../kernel/json.ts";
import { formatPointer } from "../../../kernel/pointer.ts";
import { readReference } from "./reference.ts";
import { REFERENCE_KEYWORDS, type SchemaFile } from "./schema-file.ts";
import type { SchemaFiles } from "./schema-files.ts";

/** A schema at its place, with references and `allOf` taken away. */
export interface WireSchemaPart {
  readonly schema: JsonMembers;
  readonly file: SchemaFile;
  readonly pointer: string;
}

/** What the wire schema says of one value. */
export interface WireNode {
  /** All of these hold. */
  readonly all: readonly WireSchemaPart[];
  /** One of each group holds (`anyOf`, `oneOf`, tuples). */
  readonly groups: readonly (readonly WireNode[])[];
  /** These may hold (`then`, `else`, dependent schemas). */
  readonly maybe: readonly WireNode[];
}

/** How to get from a value to one below it. */
export type WireStep =
  | { readonly to: "member"; readonly name: string }
  | { readonly to: "elements" }
  /** All values of an object used as a map. */
  | { readonly to: "values" };

/** Schemas looked at for one contract: enough for any honest one, against references that double at every level. */
const SCHEMAS_MAX = 50_000;

const NOTHING: JsonMembers = { type: [] };

interface Growing {
  readonly all: WireSchemaPart[];
  readonly groups: (readonly WireNode[])[];
  readonly maybe: WireNode[];
}

/** A schema, unresolved, at its place. */
interface Place {
  readonly schema: Json;
  readonly file: SchemaFile;
  readonly pointer: string;
}

/** Walks the wire schema along the fields of a contract. Never follows a reference in a circle. */
export class WireSchema {
  readonly #files: SchemaFiles;
  #looked = 0;

  constructor(files: SchemaFiles) {
    this.#files = files;
  }

  get root(): WireNode {
    const { main } = this.#files;
    return this.#node({ schema: main.document.value, file: main, pointer: "" }, new Set());
  }

  /** Was it too much? Then what was answered is not to be relied upon. */
  get exhausted(): boolean {
    return this.#looked > SCHEMAS_MAX;
  }

  /** What the schema says of the value one step below; undefined when it does not name it. */
  below(node: WireNode, step: WireStep): WireNode | undefined {
    const grown: Growing = { all: [], groups: [], maybe: [] };
    for (const part of node.all) {
      for (const alternatives of STEPS[step.to](part, step)) this.#grow(grown, alternatives);
    }
    for (const group of node.groups) {
      const found = group.map((each) => this.below(each, step));
      const named = found.filter((each) => each !== undefined);
      if (named.length === 0) continue;
      // An alternative that does not name the value says nothing of it, so the group demands nothing either.
      if (named.length === group.length) grown.groups.push(named);
      else grown.maybe.push(...named);
    }
    grown.maybe.push(
      ...node.maybe.map((each) => this.below(each, step)).filter((each) => each !== undefined),
    );
    return grown.all.length + grown.groups.length + grown.maybe.length === 0 ? undefined : grown;
  }

  #grow(grown: Growing, alternatives: readonly Place[]): void {
    const [first, ...others] = alternatives;
    if (first === undefined) return;
    if (others.length === 0) this.#add(grown, first, new Set());
    else grown.groups.push(alternatives.map((each) => this.#node(each, new Set())));
  }

  #node(place: Place, followed: ReadonlySet<string>): WireNode {
    const grown: Growing = { all: [], groups: [], maybe: [] };
    this.#add(grown, place, followed);
    return grown;
  }

  /** `followed` are the references on the way here without a step down the value: one of them again is a circle. */
  #add(grown: Growing, { schema, file, pointer }: Place, followed: ReadonlySet<string>): void {
    if (++this.#looked > SCHEMAS_MAX) return;
    if (!isMembers(schema)) {
      grown.all.push({ schema: schema === false ? NOTHING : {}, file, pointer });
      return;
    }
    const part: WireSchemaPart = { schema, file, pointer };
    if (this.#follow(grown, schema, file, followed) && file.dialect.refStandsAlone) return;
    grown.all.push(part);
    for (const index of indexes(schema.allOf)) this.#add(grown, at(part, "allOf", index), followed);
    for (const keyword of ["anyOf", "oneOf"]) {
      const branches = indexes(schema[keyword]).map((index) =>
        this.#node(at(part, keyword, index), followed),
      );
      if (branches.length > 0) grown.groups.push(branches);
    }
    for (const path of possible(schema)) grown.maybe.push(this.#node(at(part, ...path), followed));
  }

  #follow(grown: Growing, schema: JsonMembers, file: SchemaFile, followed: ReadonlySet<string>): boolean {
    let any = false;
    for (const keyword of REFERENCE_KEYWORDS) {
      const text = schema[keyword];
      const reference = typeof text === "string" ? readReference(text, file.path, file.id) : undefined;
      const target = reference === undefined ? undefined : this.#files.resolve(reference);
      if (target === undefined) continue;
      any = true;
      const name = `${target.file.path}#${target.pointer}`;
      if (!followed.has(name)) this.#add(grown, target, new Set(followed).add(name));
    }
    return any;
  }
}

/** Step → the schemas that apply there: each row a list of alternatives, usually of one. Own keywords of the part only. */
const STEPS: Readonly<
  Record<WireStep["to"], (part: WireSchemaPart, step: WireStep) => readonly (readonly Place[])[]>
> = {
  member: (part, step) => {
    const name = step.to === "member" ? step.name : "";
    const { schema } = part;
    if (has(schema.properties, name)) return [[at(part, "properties", name)]];
    return isMembers(schema.additionalProperties) ? [[at(part, "additionalProperties")]] : [];
  },
  elements: (part) => {
    const { items, prefixItems, additionalItems } = part.schema;
    const tuple = [
      ...indexes(prefixItems).map((index) => at(part, "prefixItems", index)),
      ...indexes(items).map((index) => at(part, "items", index)),
    ];
    const rest = [
      ...(isMembers(items) ? [at(part, "items")] : []),
      ...(isMembers(additionalItems) && tuple.length > 0 ? [at(part, "additionalItems")] : []),
    ];
    return [[...tuple, ...rest]];
  },
  values: (part) => {
    const { properties, patternProperties, additionalProperties } = part.schema;
    return [
      [
        ...names(properties).map((name) => at(part, "properties", name)),
        ...names(patternProperties).map((name) => at(part, "patternProperties", name)),
        ...(isMembers(additionalProperties) ? [at(part, "additionalProperties")] : []),
      ],
    ];
  },
};

function at({ schema, file, pointer }: WireSchemaPart, ...path: readonly string[]): Place {
  const found = path.reduce<Json | undefined>((value, name) => (value as JsonMembers)[name], schema);
  return { schema: found ?? true, file, pointer: `${pointer}${formatPointer(path)}` };
}

/** Paths of subschemas that apply to the same value under a condition. */
function possible(schema: JsonMembers): readonly (readonly string[])[] {
  const branches = ["then", "else"]
    .filter((keyword) => schema[keyword] !== undefined)
    .map((keyword) => [keyword]);
  const dependent = ["dependentSchemas", "dependencies"].flatMap((keyword) =>
    names(schema[keyword]).map((name) => [keyword, name]),
  );
  return [...branches, ...dependent];
}

const indexes = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.map((_, index) => String(index)) : [];

/** Names of members that an object has, whose values are schemas. */
export const names = (value: Json | undefined): readonly string[] =>
  isMembers(value) ? Object.keys(value) : [];

const has = (value: Json | undefined, name: string): boolean =>
  isMembers(value) && Object.hasOwn(value, name);
