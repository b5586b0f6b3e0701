import { join } from "node:path";
import { below, type Document } from "../../document/document.ts";
import { valueAt } from "../../document/shape.ts";
import type { Json } from "../../kernel/json.ts";
import type { Place, RulePlaces } from "../../policy/explain-sources.ts";
import { openKind } from "../filed.ts";
import { type Place as Caller, openDocument } from "../kinds.ts";

/** The files that a plan is made of, besides bundles, which know their own places. Absolute paths. */
export interface PlanFiles {
  readonly folder: string;
  readonly contract: string;
  /** The partner's local name. */
  readonly partner: string;
  readonly agreement: string | undefined;
}

/** Where the rules stand in the files as they are now. */
export function rulePlaces(files: PlanFiles, caller: Caller): RulePlaces {
  const contract = documentAt(files.contract, caller);
  const agreement = files.agreement === undefined ? undefined : documentAt(files.agreement, caller);
  const partner = openKind(join(files.folder, "partners"), "Partner", caller).opened.find(
    ({ document }) => valueAt(document.value, "/metadata/name") === files.partner,
  )?.document;
  return {
    contract: (property) => contract && propertyPlace(contract, property),
    clearance: partner && placeAt(partner, "/spec/clearance"),
    agreement: (path) => agreement && agreementPlace(agreement, path),
  };
}

function documentAt(path: string, caller: Caller): Document | undefined {
  const read = openDocument(path, caller);
  return read?.ok === true ? read.value : undefined;
}

/** Of the value, or of the nearest thing around it that is there. */
const placeAt = (document: Document, pointer: string): Place => ({
  file: document.file,
  ...document.locate(pointer),
});

/** A custom property, of a schema object or of the whole contract; where it is not written the stream has its default. */
function propertyPlace(document: Document, property: string): Place {
  const schemas = listAt(document.value, "/schema").map((_, index) => `/schema/${index}`);
  const found = [...schemas, ""].flatMap((owner) => customProperty(document, owner, property) ?? []);
  return placeAt(document, found[0] ?? schemas[0] ?? "");
}

/** The pointer of the custom property of that name. */
function customProperty({ value }: Document, owner: string, property: string): string | undefined {
  const list = `${owner}/customProperties`;
  const index = listAt(value, list).findIndex(
    (_, each) => valueAt(value, `${list}/${each}/property`) === property,
  );
  return index < 0 ? undefined : `${list}/${index}`;
}

function agreementPlace(document: Document, path: string): Place {
  const property = path === "" ? "mesh.quota" : "mesh.narrow";
  const found = customProperty(document, "", property);
  if (found === undefined || path === "") return placeAt(document, found ?? "");
  return placeAt(document, below(`${found}/value/fields`, path));
}

function listAt(value: Json, pointer: string): readonly Json[] {
  const list = valueAt(value, pointer);
  return Array.isArray(list) ? list : [];
}
