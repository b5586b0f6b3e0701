import type { Document } from "../../document/document.ts";
import { quoteName } from "../../document/name.ts";
import type { ScopeRule } from "../../kernel/contract.ts";
import type { Json } from "../../kernel/json.ts";
import type { FieldPointers } from "./field-pointers.ts";
import { type Entry, listOf, memberOf, textOf } from "./profile.ts";
import type { Report } from "./report.ts";

const isScalar = (value: Json): boolean => value === null || typeof value !== "object";

/** Operation → which `value` fits it. */
const VALUES: Readonly<
  Record<ScopeRule["op"], { readonly fits: (value: Json) => boolean; readonly words: string }>
> = {
  equals: { fits: isScalar, words: "a `value` that is text, a number, true or false, or a `ref`" },
  in: {
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every(isScalar),
    words: "a `value` that is a list, or a `ref`",
  },
  prefix: {
    fits: (value) => typeof value === "string" && value !== "",
    words: "a `value` that is text, or a `ref`",
  },
  exists: { fits: () => false, words: "neither `value` nor `ref`" },
};

/** `mesh.scope`: what must hold of a record for the partner to need to know it. */
export function readScope(
  document: Document,
  entry: Entry | undefined,
  pointers: FieldPointers,
  report: Report,
): readonly ScopeRule[] {
  return listOf(entry?.value).map((item, index) => {
    const at = `${entry?.pointer}/${index}`;
    const field = textOf(memberOf(item, "field")) ?? "";
    // The shape was checked: one of the operations.
    const op = memberOf(item, "op") as ScopeRule["op"];
    const value = memberOf(item, "value");
    const ref = textOf(memberOf(item, "ref"));
    pointers.demand(field, `${at}/field`);
    if (!isComplete(op, value, ref)) {
      const message = `${quoteName(op)} takes ${VALUES[op].words}, and one of them only.`;
      report.add(document, "mesh.scope", at, message);
    }
    return { field, op, ...(value === undefined ? {} : { value }), ...(ref === undefined ? {} : { ref }) };
  });
}

function isComplete(op: ScopeRule["op"], value: Json | undefined, ref: string | undefined): boolean {
  if (op === "exists") return value === undefined && ref === undefined;
  if (value === undefined) return ref !== undefined;
  return ref === undefined && VALUES[op].fits(value);
}
