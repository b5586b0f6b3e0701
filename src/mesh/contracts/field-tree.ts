import type { Document } from "../../document/document.ts";
import { nearestName, quoteName } from "../../document/name.ts";
import type { FieldAction } from "../../kernel/action.ts";
import {
  CATEGORIES,
  type Category,
  CLASSIFICATIONS,
  type Classification,
  type ContractField,
} from "../../kernel/contract.ts";
import type { Json } from "../../kernel/json.ts";
import { escapeSegment } from "../../kernel/pointer.ts";
import { toAction } from "./action-shape.ts";
import { listOf, memberOf, type Profile, textOf } from "./profile.ts";
import type { Report } from "./report.ts";

/** What a container says for all that is below it. */
interface Inherited {
  readonly classification: Classification | undefined;
  readonly categories: readonly Category[];
}

/** A field below another one, as the file has it. */
interface Child {
  readonly name: string;
  readonly value: Json;
  readonly pointer: string;
}

/** Actions that make sense for a whole with listed fields below it: they leave nothing of them. */
const WHOLE: ReadonlySet<FieldAction["action"]> = new Set(["drop", "null", "constant"]);

/** A field of a contract with its place in the file; `check` is filled in from the wire schema. */
export interface ListedField {
  readonly field: Omit<ContractField, "check" | "members" | "elements">;
  /** Pointer into the document. */
  readonly pointer: string;
  readonly logicalType: string | undefined;
  readonly members: ReadonlyMap<string, ListedField>;
  readonly elements: ListedField | undefined;
}

/** Reads the fields of a schema object. Containers hand their classification and categories down; nothing is shared unsaid. */
export class FieldReader {
  readonly #document: Document;
  readonly #profile: Profile;
  readonly #report: Report;

  constructor(document: Document, profile: Profile, report: Report) {
    this.#document = document;
    this.#profile = profile;
    this.#report = report;
  }

  /** `pointer` is that of the schema object: the record's value. */
  root(value: Json, pointer: string): ListedField {
    return this.#read(value, pointer, "", { classification: undefined, categories: [] });
  }

  #read(value: Json, pointer: string, path: string, above: Inherited): ListedField {
    const own = this.#classification(value, pointer);
    const known: Inherited = {
      classification: higher(above.classification, own),
      categories: this.#categories(pointer, above.categories),
    };
    const members = this.#members(value, pointer, path, known);
    const elements = this.#elements(value, pointer, path, known);
    const isLeaf = members.size === 0 && elements === undefined;
    const action = this.#action(pointer, isLeaf, path);
    return {
      field: {
        path,
        // A container without a class of its own adds nothing; a leaf without one is as sensitive as can be.
        classification: isLeaf
          ? higher(above.classification, own ?? "restricted")
          : (known.classification ?? "public"),
        categories: known.categories,
        action,
        declared: { file: this.#document.file, ...this.#document.locate(pointer) },
      },
      pointer,
      logicalType: textOf(memberOf(value, "logicalType")),
      members,
      elements,
    };
  }

  #members(value: Json, pointer: string, path: string, known: Inherited): ReadonlyMap<string, ListedField> {
    const members = new Map<string, ListedField>();
    for (const child of this.#children(value, pointer)) {
      if (members.has(child.name)) {
        const message = `The field ${quoteName(child.name)} is listed twice.`;
        this.#report.add(this.#document, "mesh.duplicate-field", child.pointer, message);
        continue;
      }
      const inner = `${path}/${escapeSegment(child.name)}`;
      members.set(child.name, this.#read(child.value, child.pointer, inner, known));
    }
    return members;
  }

  #children(value: Json, pointer: string): readonly Child[] {
    const listed = listOf(memberOf(value, "properties")).flatMap((item, index) => {
      const name = textOf(memberOf(item, "name"));
      return name === undefined ? [] : [{ name, value: item, pointer: `${pointer}/properties/${index}` }];
    });
    const ofMap = memberOf(memberOf(value, "map"), "value");
    return ofMap === undefined || !this.#governs(ofMap, `${pointer}/map/value`)
      ? listed
      : [...listed, { name: "*", value: ofMap, pointer: `${pointer}/map/value` }];
  }

  #elements(value: Json, pointer: string, path: string, known: Inherited): ListedField | undefined {
    const items = memberOf(value, "items");
    const at = `${pointer}/items`;
    return items === undefined || !this.#governs(items, at)
      ? undefined
      : this.#read(items, at, `${path}/*`, known);
  }

  /** `items` that only name a type list nothing: the array is then a leaf. */
  #governs(value: Json, pointer: string): boolean {
    const says = ["properties", "items", "map", "classification"].some(
      (name) => memberOf(value, name) !== undefined,
    );
    return says || this.#profile.has(pointer);
  }

  #classification(value: Json, pointer: string): Classification | undefined {
    const written = textOf(memberOf(value, "classification"));
    if (written === undefined) return undefined;
    const known = CLASSIFICATIONS.find((each) => each === written);
    if (known !== undefined) return known;
    const near = nearestName(written, CLASSIFICATIONS);
    this.#report.add(
      this.#document,
      "mesh.classification",
      `${pointer}/classification`,
      `${quoteName(written)} is not a classification.`,
      near === undefined ? undefined : `Did you mean ${quoteName(near)}?`,
    );
    return "restricted";
  }

  #categories(pointer: string, above: readonly Category[]): readonly Category[] {
    const own = listOf(this.#profile.get(pointer, "mesh.category")?.value);
    return CATEGORIES.filter((category) => above.includes(category) || own.includes(category));
  }

  #action(pointer: string, isLeaf: boolean, path: string): FieldAction | undefined {
    const entry = this.#profile.get(pointer, "mesh.action");
    const action = toAction(entry?.value);
    if (entry === undefined || action === undefined) return isLeaf ? { action: "drop" } : undefined;
    if (!isLeaf && !WHOLE.has(action.action)) {
      const message = `${quoteName(path)} has fields listed below it, so ${quoteName(action.action)} can't be its own action.`;
      this.#report.add(this.#document, "mesh.action-on-container", entry.pointer, message);
    }
    const { edges } = action.action === "band" ? action : { edges: [] };
    if (edges.some((edge, index) => edge <= (edges[index - 1] ?? Number.NEGATIVE_INFINITY))) {
      this.#report.add(
        this.#document,
        "mesh.band-order",
        entry.pointer,
        "The edges of the bands do not ascend.",
      );
    }
    return action;
  }
}

function higher(a: Classification | undefined, b: Classification): Classification;
function higher(a: Classification | undefined, b: Classification | undefined): Classification | undefined;
function higher(a: Classification | undefined, b: Classification | undefined): Classification | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return CLASSIFICATIONS.indexOf(a) >= CLASSIFICATIONS.indexOf(b) ? a : b;
}
