import type { Problem } from "../../kernel/problem.ts";

interface RuleRow {
  readonly severity: Problem["severity"];
  /** How to mend it, unless the case knows better. */
  readonly mend: string;
}

const error = (mend: string): RuleRow => ({ severity: "error", mend });
const warning = (mend: string): RuleRow => ({ severity: "warning", mend });

/**
 * Every rule of the profile and of policy bundles that is not one of shape (`mesh.required`, `mesh.unknown-key`, `mesh.type`,
 * `mesh.value` and the like). docs/contracts.md is held against this table.
 */
export const RULES = {
  "mesh.profile-missing": error(
    "Add `{property: mesh.profile, value: 1}` to the contract's customProperties, and the rest of the profile.",
  ),
  "mesh.key-missing": error("Add it to the customProperties of the place named."),
  "mesh.unknown-key": error("Correct the name, or remove it."),
  "mesh.wrong-place": error("Move it to the place named."),
  "mesh.duplicate-key": error("Keep one of the two."),
  "mesh.identity": error("Correct the value; it becomes part of topic names and of agreements."),
  "mesh.status": error("Write proposed, draft, active, deprecated or retired."),
  "mesh.retention": warning("Write a whole number and a unit, for example `value: 90, unit: d`."),
  "mesh.one-stream": error(
    "Keep one schema object with `physicalType: topic` in a file; write a contract for each stream.",
  ),
  "mesh.other-object": warning("Remove it, or give the stream a contract of its own."),
  "mesh.topic": error("Set `physicalName` to the name of the source topic."),
  "mesh.no-fields": warning("List the fields that may leave under `properties`."),
  "mesh.duplicate-field": error("Keep one of the two."),
  "mesh.classification": error("Write public, internal, confidential or restricted."),
  "mesh.action-on-container": error(
    "Give the fields below their actions and this one none; or list no fields below it.",
  ),
  "mesh.action-type": warning("Choose an action for the field's type."),
  "mesh.band-order": error("Write the edges in ascending order, each once."),
  "mesh.share-whole": warning("List the fields below it, so that each has its own class and action."),
  "mesh.pointer": error("Name a field that the contract lists, as its path."),
  "mesh.origin": error("Take the attribute from somewhere else."),
  "mesh.origin-dropped": warning("Give the field another action, or take the attribute from elsewhere."),
  "mesh.header-reserved": error("Remove it; the gateway writes this header itself."),
  "mesh.scope": error("Give `value` or `ref`, as the operation needs."),
  "mesh.schema-file": error(
    "Name a file beside the contract or below it, as a relative path with forward slashes.",
  ),
  "mesh.schema-missing": error("Put the JSON Schema of the record's value beside the contract."),
  "mesh.schema-too-large": error("Make the schema smaller."),
  "mesh.schema-digest": error("Compare the schema with the one that was agreed on; then correct the digest."),
  "mesh.schema-dialect": error("Set `$schema` to draft-04, draft-06, draft-07, 2019-09 or 2020-12."),
  "mesh.schema-undeclared": warning("Set `$schema`; without it 2020-12 is assumed."),
  "mesh.schema-invalid": error("Correct the JSON Schema here."),
  "mesh.schema-ref": error("Refer to a definition in this file, or to a file beside it."),
  "mesh.schema-nested-id": error(
    "Remove the inner `$id`; it would change what the references around it mean.",
  ),
  "mesh.schema-complex": error("Make the schema's references and alternatives fewer."),
  "mesh.schema-pattern": error(
    "Write a pattern that linear time is enough for: none that looks around or refers back.",
  ),
  "mesh.not-in-schema": error("Correct the name, or add the field to the JSON Schema."),
  "mesh.not-listed": warning("List it if it may leave; what is not listed is dropped."),
  "mesh.logical-type": warning("Make `logicalType` and the JSON Schema agree; the JSON Schema holds."),
  "bundle.unknown-module": error("Use a module that this gateway has."),
} as const satisfies Record<string, RuleRow>;

export type RuleName = keyof typeof RULES;
