import { type Document, readDocument } from "../../../document/document.ts";
import { quoteName } from "../../../document/name.ts";
import { valueAt } from "../../../document/shape.ts";
import { digestOfBytes } from "../../../kernel/digest.ts";
import type { Json } from "../../../kernel/json.ts";
import { LIMITS } from "../../../kernel/limits.ts";
import type { Report } from "../report.ts";
import { isInside, type Reference } from "./reference.ts";
import { readSchemaFile, type SchemaFile } from "./schema-file.ts";

/** The files beside a contract, by path relative to its folder. */
export interface Companions {
  /** Undefined: there is no such file. Called with paths below the folder only: plain names and forward slashes. */
  read(relativePath: string): Uint8Array | undefined;
}

/** Schema files that one contract may be spread over. */
const FILES_MAX = 32;

/** A place in a schema. */
export interface Target {
  readonly file: SchemaFile;
  readonly pointer: string;
  readonly schema: Json;
}

/** The wire schema's files, all read and judged; references lead to places in them. */
export class SchemaFiles {
  readonly main: SchemaFile;
  /** Path → `sha-256:` and hex of the bytes. */
  readonly digests: ReadonlyMap<string, string>;
  readonly #files: ReadonlyMap<string, SchemaFile>;

  constructor(
    main: SchemaFile,
    files: ReadonlyMap<string, SchemaFile>,
    digests: ReadonlyMap<string, string>,
  ) {
    this.main = main;
    this.#files = files;
    this.digests = digests;
  }

  get all(): readonly SchemaFile[] {
    return [...this.#files.values()];
  }

  resolve({ file, fragment }: Reference): Target | undefined {
    const found = this.#files.get(file);
    if (found === undefined) return undefined;
    const pointer = fragment === "" || fragment.startsWith("/") ? fragment : found.anchors.get(fragment);
    const schema = pointer === undefined ? undefined : valueAt(found.document.value, pointer);
    return pointer === undefined || schema === undefined ? undefined : { file: found, pointer, schema };
  }
}

/** Reads the schema file that a contract names at `pointer`, and every file that it refers to. All problems are reported. */
export function readSchemaFiles(
  contract: Document,
  pointer: string,
  main: string,
  companions: Companions,
  report: Report,
): SchemaFiles | undefined {
  if (!isInside(main) || !main.endsWith(".json")) {
    const message = "The schema's file is not a plain path to a .json file below the contract's folder.";
    report.add(contract, "mesh.schema-file", pointer, message);
    return undefined;
  }
  const errorsBefore = report.errors;
  const folder = contract.file.slice(0, contract.file.lastIndexOf("/") + 1);
  const files = new Map<string, SchemaFile>();
  const digests = new Map<string, string>();
  const wanted: { path: string; asked: Document; at: string }[] = [
    { path: main, asked: contract, at: pointer },
  ];
  for (const { path, asked, at } of wanted) {
    if (digests.has(path) || digests.size >= FILES_MAX) continue;
    const bytes = companions.read(path);
    if (bytes === undefined) {
      report.add(
        asked,
        "mesh.schema-missing",
        at,
        `There is no file ${quoteName(path)} beside the contract.`,
      );
      continue;
    }
    digests.set(path, digestOfBytes(bytes));
    const document = readSchemaDocument(bytes, `${folder}${path}`, asked, at, report);
    const file = document === undefined ? undefined : readSchemaFile(path, document, report);
    if (file === undefined) continue;
    files.set(path, file);
    for (const reference of file.references) {
      if (reference.file !== path)
        wanted.push({ path: reference.file, asked: file.document, at: reference.pointer });
    }
  }
  const found = files.get(main);
  if (found === undefined || report.errors > errorsBefore) return undefined;
  return resolvable(new SchemaFiles(found, files, digests), report);
}

function readSchemaDocument(
  bytes: Uint8Array,
  name: string,
  asked: Document,
  at: string,
  report: Report,
): Document | undefined {
  if (bytes.length > LIMITS.schemaFileBytesMax) {
    const message = `The schema has ${bytes.length} bytes; at most ${LIMITS.schemaFileBytesMax} are read.`;
    report.add(asked, "mesh.schema-too-large", at, message);
    return undefined;
  }
  const read = readDocument(bytes, name);
  if (read.ok) return read.value;
  report.addAll(read.fault);
  return undefined;
}

/** References that lead to nothing are reported, once each. */
function resolvable(files: SchemaFiles, report: Report): SchemaFiles | undefined {
  let complete = true;
  for (const file of files.all) {
    for (const reference of file.references) {
      if (files.resolve(reference) !== undefined) continue;
      complete = false;
      const message = `A reference to ${quoteName(`${reference.file}#${reference.fragment}`)} leads to nothing.`;
      report.add(file.document, "mesh.schema-ref", reference.pointer, message);
    }
  }
  return complete ? files : undefined;
}
