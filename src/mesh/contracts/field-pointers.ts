import type { Document } from "../../document/document.ts";
import { nearestName, quoteName } from "../../document/name.ts";
import type { ContractField } from "../../kernel/contract.ts";
import { fieldsFrom, isLeaf } from "../../policy/field-tree.ts";
import type { Report } from "./report.ts";

/** Judges pointers by which the profile names fields. */
export class FieldPointers {
  readonly #document: Document;
  readonly #report: Report;
  readonly #fields: ReadonlyMap<string, ContractField>;

  constructor(document: Document, root: ContractField, report: Report) {
    this.#document = document;
    this.#report = report;
    this.#fields = new Map([...fieldsFrom(root)].map((field) => [field.path, field]));
  }

  /** Must name a listed field. `at` is where the file says it. */
  demand(path: string, at: string): ContractField | undefined {
    const field = this.#fields.get(path);
    if (field !== undefined && path !== "") return field;
    const near = nearestName(path, this.#fields.keys());
    const mend = near === undefined || near === "" ? undefined : `Did you mean ${quoteName(near)}?`;
    this.#report.add(
      this.#document,
      "mesh.pointer",
      at,
      `The contract lists no field ${quoteName(path)}.`,
      mend,
    );
    return undefined;
  }

  /** Must name a listed field that is one value in a record: no list, no map, nothing inside one. */
  demandOne(path: string, at: string): void {
    const field = this.demand(path, at);
    if (field === undefined) return;
    const several = path.split("/").includes("*") || !isLeaf(field);
    if (several) {
      const message = `${quoteName(path)} is not one value in a record.`;
      this.#report.add(
        this.#document,
        "mesh.pointer",
        at,
        message,
        "Name a field with a value of its own, outside of lists.",
      );
    } else if (field.action?.action === "drop") {
      const message = `${quoteName(path)} is dropped, so what is taken from it is never there.`;
      this.#report.add(this.#document, "mesh.origin-dropped", at, message);
    }
  }
}
