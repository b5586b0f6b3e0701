import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContractChanges, writeContract } from "./contract.ts";

/** A contract folder with one thing wrong, and what must be said about it. */
export interface WrongFile {
  readonly name: string;
  readonly changes?: Omit<ContractChanges, "name" | "topic">;
  /** Replaces contract.odcs.yaml. */
  readonly text?: string;
  /** File, line and column stand before the rule. */
  readonly says: RegExp;
}

/** `url` is a place to which nobody may connect. */
export const wrongFiles = (url: string): readonly WrongFile[] => [
  {
    name: "no-yaml",
    text: "kind: DataContract\nname: [a, b\nschema: {\n",
    says: /no-yaml\/contract\.odcs\.yaml:\d+:\d+\b.*\bfile\.syntax\b/,
  },
  {
    name: "no-odcs",
    changes: { edit: (document) => delete document.apiVersion },
    says: /no-odcs\/contract\.odcs\.yaml:\d+:\d+\b.*\bodcs\.required\b[\s\S]*apiVersion/,
  },
  {
    name: "unknown-key",
    changes: { root: { "mesh.purpses": ["x"] } },
    says: /unknown-key\/contract\.odcs\.yaml:\d+:\d+\b.*\bmesh\.unknown-key\b[\s\S]*`mesh\.purposes`/,
  },
  {
    name: "other-digest",
    changes: {
      profile: { "mesh.schema": { file: "payload.schema.json", digest: `sha-256:${"0".repeat(64)}` } },
    },
    says: /other-digest\/contract\.odcs\.yaml:\d+:\d+\b.*\bmesh\.schema-digest\b/,
  },
  {
    name: "remote-ref",
    changes: {
      schema: {
        type: "object",
        properties: {
          number: { $ref: `${url}/number.json` },
          supplier: { type: "string" },
          note: { type: "string" },
          price: { type: "number" },
        },
      },
    },
    says: /remote-ref\/payload\.schema\.json:\d+:\d+\b.*\bmesh\.schema-ref\b[\s\S]*no connection/,
  },
];

/** Writes it below a folder; its path. */
export function writeWrong(folder: string, { name, changes, text }: WrongFile): string {
  const path = writeContract(folder, { ...changes, name, topic: name });
  if (text !== undefined) writeFileSync(join(path, "contract.odcs.yaml"), text);
  return path;
}

/** A line of a stack trace, not the place that a message names. */
export const STACK = /^\s+at (?:async |new |file:|node:|[\w.<>]+ \()/m;
