import type { Document } from "../../../document/document.ts";
import { quoteName } from "../../../document/name.ts";
import type { ContractField, JsonType, ValueCheck } from "../../../kernel/contract.ts";
import { escapeSegment } from "../../../kernel/pointer.ts";
import { takesOneOf } from "../action-shape.ts";
import type { ListedField } from "../field-tree.ts";
import type { Report } from "../report.ts";
import { patternFault } from "./pattern.ts";
import { checkOf, memberNames, patternPart, typesOf } from "./value-check.ts";
import type { WireNode, WireSchema, WireStep } from "./wire-node.ts";

/** Logical type of ODCS → the types of JSON Schema that carry it. */
const CARRIERS: ReadonlyMap<string, readonly JsonType[]> = new Map<string, readonly JsonType[]>(
  Object.entries({
    string: ["string"],
    date: ["string"],
    timestamp: ["string"],
    time: ["string"],
    number: ["number", "integer"],
    integer: ["integer", "number"],
    boolean: ["boolean"],
    object: ["object"],
    map: ["object"],
    array: ["array"],
    vector: ["array"],
  }),
);

/** Actions that take a value of any type, so that none is unfit. */
const ANY_TYPE: ReadonlySet<string> = new Set(["share", "constant", "null", "drop", "encrypt"]);

/** Joins the listed fields with the wire schema: every field gets its check, and what disagrees is reported. */
export class WireFields {
  readonly #document: Document;
  readonly #wire: WireSchema;
  readonly #report: Report;

  constructor(document: Document, wire: WireSchema, report: Report) {
    this.#document = document;
    this.#wire = wire;
    this.#report = report;
  }

  root(listed: ListedField): ContractField {
    return this.#join(listed, this.#wire.root);
  }

  #join(listed: ListedField, node: WireNode): ContractField {
    const { field, members, elements } = listed;
    const check = checkOf(node, (name) => members.has(name));
    this.#judge(listed, node, check);
    const joined = new Map<string, ContractField>();
    for (const [name, member] of members) {
      joined.set(name, this.#child(member, node, name === "*" ? { to: "values" } : { to: "member", name }));
    }
    return {
      ...field,
      check,
      members: joined,
      elements: elements === undefined ? undefined : this.#child(elements, node, { to: "elements" }),
    };
  }

  #child(listed: ListedField, node: WireNode, step: WireStep): ContractField {
    const below = this.#wire.below(node, step);
    if (below !== undefined) return this.#join(listed, below);
    const message = `The JSON Schema has no field ${quoteName(listed.field.path)}.`;
    this.#report.add(this.#document, "mesh.not-in-schema", listed.pointer, message);
    return unchecked(listed);
  }

  #judge(listed: ListedField, node: WireNode, check: ValueCheck): void {
    const isLeaf = listed.members.size === 0 && listed.elements === undefined;
    this.#judgeTypes(listed, typesOf(node), isLeaf);
    if (check.pattern !== undefined) this.#judgePattern(node, check.pattern);
    if (!isLeaf && listed.members.size > 0 && !listed.members.has("*")) this.#nameUnlisted(listed, node);
  }

  #judgeTypes(listed: ListedField, types: readonly JsonType[] | undefined, isLeaf: boolean): void {
    const { field, logicalType, pointer } = listed;
    const carriers = CARRIERS.get(logicalType ?? "");
    if (types !== undefined && carriers !== undefined && !types.some((type) => carriers.includes(type))) {
      const message = `${quoteName(field.path)} is ${quoteName(logicalType ?? "")} here and ${listTypes(types)} in the JSON Schema.`;
      this.#report.add(this.#document, "mesh.logical-type", pointer, message);
    }
    const { action } = field;
    if (!isLeaf || action === undefined) return;
    if (types !== undefined && !ANY_TYPE.has(action.action) && !takesOneOf(action, types)) {
      const message = `${quoteName(action.action)} can't be done with ${listTypes(types)}, so ${quoteName(field.path)} is dropped.`;
      this.#report.add(this.#document, "mesh.action-type", pointer, message);
    }
    if (action.action === "share" && (types === undefined || types.includes("object"))) {
      const message = `${quoteName(field.path)} leaves whole, with whatever it holds, because no field below it is listed.`;
      this.#report.add(this.#document, "mesh.share-whole", pointer, message);
    }
  }

  #judgePattern(node: WireNode, pattern: string): void {
    const part = patternPart(node);
    const fault = patternFault(pattern);
    if (part === undefined || fault === undefined) return;
    this.#report.add(part.file.document, "mesh.schema-pattern", `${part.pointer}/pattern`, fault);
  }

  #nameUnlisted(listed: ListedField, node: WireNode): void {
    for (const name of memberNames(node)) {
      if (listed.members.has(name)) continue;
      const path = `${listed.field.path}/${escapeSegment(name)}`;
      const message = `The contract does not list ${quoteName(path)} of the JSON Schema, so it is dropped.`;
      this.#report.add(this.#document, "mesh.not-listed", listed.pointer, message);
    }
  }
}

/** The tree without a wire schema: what is wrong with the schema keeps the contract from being used anyway. */
export function unchecked({ field, members, elements }: ListedField): ContractField {
  return {
    ...field,
    check: {},
    members: new Map([...members].map(([name, member]) => [name, unchecked(member)])),
    elements: elements === undefined ? undefined : unchecked(elements),
  };
}

const listTypes = (types: readonly JsonType[]): string =>
  types.length === 0 ? "nothing" : types.map((type) => quoteName(type)).join(" or ");
