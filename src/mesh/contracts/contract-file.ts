import type { Document } from "../../document/document.ts";
import { checkShape } from "../../document/shape.ts";
import type { Contract, ContractField } from "../../kernel/contract.ts";
import type { Problem } from "../../kernel/problem.ts";
import { contractDigest } from "./contract-digest.ts";
import { FieldReader, type ListedField } from "./field-tree.ts";
import { readIdentity } from "./identity.ts";
import { ODCS } from "./odcs/odcs.ts";
import { listOf, memberOf, Profile } from "./profile.ts";
import { Report } from "./report.ts";
import { readRetention } from "./retention.ts";
import { findStream } from "./stream.ts";
import { readStreamRules } from "./stream-rules.ts";
import { readTerms } from "./terms.ts";
import { unchecked, WireFields } from "./wire/fields.ts";
import { type Companions, readSchemaFiles, type SchemaFiles } from "./wire/schema-files.ts";
import { WireSchema } from "./wire/wire-node.ts";

export type { Companions } from "./wire/schema-files.ts";

/** What became of a contract file: the contract when there is no error, and everything that is wrong or worth knowing. */
export interface ContractReading {
  readonly contract: Contract | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Reads an ODCS contract with the `mesh.*` profile and the JSON Schema beside it. The two stages are told apart by the rules'
 * names: `odcs.*` holds for any contract of the standard, `mesh.*` is what a stream needs besides. Every default is written out.
 */
export function readContract(document: Document, companions: Companions): ContractReading {
  const report = new Report();
  report.addAll(document.warnings);
  report.addAll(checkShape(document, ODCS));
  const profile = new Profile(document, report);
  if (profile.get("", "mesh.profile") === undefined && !profile.present) {
    const message = "The contract has no `mesh.*` profile, so it says nothing about what may leave.";
    report.add(document, "mesh.profile-missing", "", message);
    return { contract: undefined, problems: report.problems };
  }
  const contract = readProfile(document, profile, companions, report);
  return { contract: report.errors === 0 ? contract : undefined, problems: report.problems };
}

function readProfile(
  document: Document,
  profile: Profile,
  companions: Companions,
  report: Report,
): Contract | undefined {
  profile.demand("", "contract");
  const identity = readIdentity(document, report);
  const retentionMs = readRetention(document, report);
  const stream = findStream(document, report);
  if (stream === undefined) return undefined;
  profile.demand(stream.pointer, "stream");
  const value = listOf(memberOf(document.value, "schema"))[stream.index] ?? null;
  const listed = new FieldReader(document, profile, report).root(value, stream.pointer);
  if (listed.members.size === 0) {
    report.add(
      document,
      "mesh.no-fields",
      stream.pointer,
      "The contract lists no field, so nothing of a record leaves.",
    );
  }
  const schema = profile.get(stream.pointer, "mesh.schema");
  const files =
    schema === undefined
      ? undefined
      : readSchemaFiles(
          document,
          `${schema.pointer}/file`,
          String(memberOf(schema.value, "file")),
          companions,
          report,
        );
  if (schema !== undefined && files !== undefined) checkDigest(document, schema, files, report);
  const root = joinFields(document, listed, files, report);
  const rules = readStreamRules(document, profile, stream.pointer, root, report);
  if (identity === undefined || rules === undefined || schema === undefined || files === undefined)
    return undefined;
  const { name, version, id, ...rest } = identity;
  const digest = contractDigest(document.value, schema.pointer, files);
  return {
    ref: { id, name, version, digest },
    ...rest,
    ...readTerms(profile),
    retentionMs,
    topic: stream.topic,
    stream: stream.topic,
    ...rules,
    root,
  };
}

function joinFields(
  document: Document,
  listed: ListedField,
  files: SchemaFiles | undefined,
  report: Report,
): ContractField {
  if (files === undefined) return unchecked(listed);
  const wire = new WireSchema(files);
  const joining = new Report();
  const root = new WireFields(document, wire, joining).root(listed);
  if (wire.exhausted) {
    // Whatever else was found came from looking at a part of it.
    const message = "The schema's references and alternatives multiply beyond what is looked at.";
    report.add(files.main.document, "mesh.schema-complex", "", message);
  } else report.addAll(joining.problems);
  return root;
}

function checkDigest(
  document: Document,
  { value, pointer }: { readonly value: Parameters<typeof memberOf>[0]; readonly pointer: string },
  files: SchemaFiles,
  report: Report,
): void {
  const written = memberOf(value, "digest");
  if (written === undefined || written === files.digests.get(files.main.path)) return;
  const message = "The JSON Schema is not the one whose digest the contract names.";
  report.add(document, "mesh.schema-digest", `${pointer}/digest`, message);
}
