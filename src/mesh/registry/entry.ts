import { canonicalJson } from "../../kernel/canonical-json.ts";
import { digestOf } from "../../kernel/digest.ts";
import type { Json, JsonMembers } from "../../kernel/json.ts";
import { readPlainJson } from "../../kernel/strict-json.ts";

/** The kinds of file that people write and put in force. */
export const FILE_KINDS = ["DataContract", "PolicyBundle", "Partner", "AccessAgreement"] as const;
export type FileKind = (typeof FILE_KINDS)[number];
/** The same, and what the gateway keeps there by itself: what its operator did to a link. */
const ENTRY_KINDS = [...FILE_KINDS, "LinkControl", "Replay"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One thing of the registry: a file with its companions, as it was accepted. */
export interface RegistryEntry {
  readonly kind: EntryKind;
  /** `name@version` of a contract, the name of a bundle, the URN of a partner, the id of an agreement or of a replay. */
  readonly name: string;
  /** Name of the main file among `files`. */
  readonly main: string;
  /** File name → text; companions have the names by which the main file calls them. */
  readonly files: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly acceptedAt: string;
  /** `operator`, `gateway` or a company URN. */
  readonly acceptedBy: string;
}

export const entryKey = (entry: Pick<RegistryEntry, "kind" | "name">): string =>
  `${entry.kind}/${entry.name}`;

/** What was accepted, whoever accepted it and when: `sha-256:` and hex over names and texts. */
export const entryDigest = (entry: RegistryEntry): string =>
  digestOf({ kind: entry.kind, name: entry.name, main: entry.main, files: entry.files });

export const encodeEntry = (entry: RegistryEntry): Uint8Array =>
  Buffer.from(canonicalJson(entry as unknown as Json));

/** undefined: not an entry of this version; the registry's reader reports it and goes on. */
export function decodeEntry(bytes: Uint8Array): RegistryEntry | undefined {
  const read = readPlainJson(bytes);
  if (!read.ok || typeof read.value !== "object" || read.value === null || Array.isArray(read.value))
    return undefined;
  const members = read.value as JsonMembers;
  const { kind, name, main, files, acceptedAt, acceptedBy } = members;
  const texts = [name, main, acceptedAt, acceptedBy].every((value) => typeof value === "string");
  if (!texts || !ENTRY_KINDS.some((known) => known === kind)) return undefined;
  if (typeof files !== "object" || files === null || Array.isArray(files)) return undefined;
  if (!Object.values(files).every((text) => typeof text === "string")) return undefined;
  return members as unknown as RegistryEntry;
}
