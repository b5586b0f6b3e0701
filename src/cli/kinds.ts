import { dirname, resolve } from "node:path";
import type { GatewayConfig } from "../config/gateway-file.ts";
import { readGatewayConfig } from "../config/gateway-file.ts";
import { type Document, readDocument } from "../document/document.ts";
import { nearestName, quoteName } from "../document/name.ts";
import { valueAt } from "../document/shape.ts";
import type { Agreement } from "../kernel/agreement.ts";
import type { Card, Partner } from "../kernel/company.ts";
import type { Contract } from "../kernel/contract.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { PolicyBundle } from "../kernel/policy-bundle.ts";
import type { Problem } from "../kernel/problem.ts";
import { readBundle } from "../mesh/contracts/bundle-file.ts";
import { readContract } from "../mesh/contracts/contract-file.ts";
import { settingsSchemas } from "../own-modules/own-modules.ts";
import { readAgreement } from "../tenants/agreement-file.ts";
import { readCard } from "../tenants/card.ts";
import { readPartner } from "../tenants/partner-file.ts";
import { companionsOf, readBounded, shownPath } from "./files.ts";
import { modulesFor, readInside } from "./modules.ts";

/** What the files of each kind hold once they are read. */
export interface Kinds {
  readonly Gateway: GatewayConfig;
  readonly Card: Card;
  readonly Partner: Partner;
  readonly DataContract: Contract;
  readonly PolicyBundle: PolicyBundle;
  readonly AccessAgreement: Agreement;
}
export type Kind = keyof Kinds;

/** What came out of a file: its value when nothing is wrong with it, and everything that is. */
export interface Reading<Value> {
  readonly value: Value | undefined;
  readonly problems: readonly Problem[];
}

/** Where a command stands, for paths and references. */
export interface Place {
  readonly cwd: string;
  env(name: string): string | undefined;
}

/** Kind of file → how it is read. `path` is where it lies. */
const READERS: {
  readonly [Name in Kind]: (document: Document, path: string, place: Place) => Reading<Kinds[Name]>;
} = {
  Gateway: (document, path, { env }) => {
    const references = { readFile: readBeside(path), readInside: readInside(path), env };
    const { config: value, problems } = readGatewayConfig(document, references);
    return { value, problems };
  },
  Card: (document) => {
    const { card: value, problems } = readCard(document);
    return { value, problems };
  },
  Partner: (document, path) => {
    const { partner: value, problems } = readPartner(document, companionsOf(path));
    return { value, problems };
  },
  DataContract: (document, path) => {
    const { contract: value, problems } = readContract(document, companionsOf(path));
    return { value, problems };
  },
  PolicyBundle: (document, path, { cwd }) => {
    const { modules } = modulesFor(dirname(path), cwd);
    const { bundle: value, problems } = readBundle(document, settingsSchemas(modules));
    return { value, problems };
  },
  AccessAgreement: (document) => {
    const { agreement: value, problems } = readAgreement(document);
    return { value, problems };
  },
};
const KIND_NAMES = Object.keys(READERS) as readonly Kind[];

/** Relative paths in gateway.yaml begin at its own folder; absolute ones are the operator's choice. */
const readBeside =
  (path: string) =>
  (reference: string): string | undefined => {
    const bytes = readBounded(resolve(dirname(path), reference), LIMITS.documentBytesMax);
    return bytes && new TextDecoder().decode(bytes);
  };

/** A file as a document; undefined when there is no such file. Messages name it as the caller would. */
export function openDocument(path: string, { cwd }: Place): ReturnType<typeof readDocument> | undefined {
  const bytes = readBounded(path, LIMITS.documentBytesMax);
  return bytes && readDocument(bytes, shownPath(path, cwd));
}

/** Below a folder lie schemas and cases too, which have neither of these; a file with one of them means to be of a kind. */
export const isOfSomeKind = ({ value }: Document): boolean =>
  ["/kind", "/apiVersion"].some((pointer) => valueAt(value, pointer) !== undefined);

/** The kind that a document says it is, or what is wrong with that. */
export function kindOf(document: Document): Kind | Problem {
  const given = valueAt(document.value, "/kind");
  const kind = KIND_NAMES.find((name) => name === given);
  if (kind !== undefined) return kind;
  const near = typeof given === "string" ? nearestName(given, KIND_NAMES) : undefined;
  return {
    severity: "error",
    file: document.file,
    ...document.locate("/kind"),
    pointer: "/kind",
    rule: "file.kind",
    message:
      typeof given === "string"
        ? `The kind ${quoteName(given)} is not known.`
        : "The file does not say its kind.",
    mend: near === undefined ? `Write one of ${KIND_NAMES.join(", ")}.` : `Did you mean ${quoteName(near)}?`,
  };
}

/** Reads a document as what it says it is. */
export function readKind<Name extends Kind>(
  kind: Name,
  document: Document,
  path: string,
  place: Place,
): Reading<Kinds[Name]> {
  return READERS[kind](document, path, place);
}
