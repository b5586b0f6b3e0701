import { Buffer, isUtf8 } from "node:buffer";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { agreementOf } from "../../kernel/chain.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { readOpeningKeys } from "../../tenants/keys.ts";
import { type OpeningKeys, SEALED_FAULTS } from "../../tenants/sealed-open.ts";
import type { Call } from "../call.ts";
import { type Command, FOLDER } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { type OpenedData, openValues } from "../decrypt/open-values.ts";
import { type ReplicaLine, readReplicaLine } from "../decrypt/replica-line.ts";
import { everyFile } from "../every-file.ts";
import { readBounded } from "../files.ts";
import { type Folder, openFolder } from "../folder.ts";
import { readLinesOf } from "../lines-file.ts";
import { EXIT, UsageError } from "../refusal.ts";

/** Digest of an agreement's contract by the agreement's id; undefined: not known. */
type ContractOf = (agreement: string) => string | undefined;

/** Opens what a publisher encrypted for this company, in records of a replica topic. */
export const decrypt: Command = {
  usage: "decrypt",
  summary: "Open the values that a publisher encrypted for this company, in records of a replica topic.",
  options: [
    FOLDER,
    { flags: "--events <file>", text: "records, one JSON a line; - for standard input", required: true },
    {
      flags: "--contract <digest>",
      text: "digest of the contract (default: what the agreements in the folder say)",
    },
  ],
  async run(call, context) {
    const folder = openFolder(call.text("folder"), context);
    const contractOf = contractsOf(call, folder, context);
    const keys = openingKeysOf(folder);
    const lines = await readLinesOf(call.required("events"), context);
    const counts = { opened: 0, left: 0 };
    for (const [index, bytes] of lines.entries()) {
      const { text, opened, faults } = decryptLine(bytes, contractOf, keys);
      context.out.write(`${text}\n`);
      for (const fault of faults) context.err.write(`Line ${index + 1}: ${shown(fault)}\n`);
      counts.opened += opened;
      counts.left += faults.length;
    }
    context.err.write(`${context.err.paint("dim", `${counts.opened} opened, ${counts.left} not.`)}\n`);
    return counts.left === 0 ? EXIT.done : EXIT.refused;
  },
};

const DIGEST = /^sha-256:[0-9a-f]{64}$/;

function contractsOf(call: Call, folder: Folder, context: Context): ContractOf {
  const digest = call.text("contract");
  if (digest !== undefined && !DIGEST.test(digest))
    throw new UsageError("--contract is not `sha-256:` and 64 hex digits.");
  if (digest !== undefined) return () => digest;
  const agreements = everyFile(folder, "agreements", "AccessAgreement", context);
  const digests = new Map(agreements.map(({ id, contractDigest }) => [id, contractDigest]));
  // A replay's records name its chain.
  return (chain) => digests.get(agreementOf(chain));
}

/** Of all keys of the folder, only those that open are read. */
function openingKeysOf({ path }: Folder): OpeningKeys {
  const folder = join(path, "keys");
  return readOpeningKeys(namesIn(folder), (name) => {
    const bytes = readBounded(join(folder, name), LIMITS.documentBytesMax);
    return bytes && new TextDecoder().decode(bytes);
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

interface Decrypted {
  readonly text: string;
  readonly opened: number;
  /** Full sentences: where, and why. */
  readonly faults: readonly string[];
}

/** A line that holds nothing encrypted stays byte for byte. */
function decryptLine(bytes: Uint8Array, contractOf: ContractOf, keys: OpeningKeys): Decrypted {
  const line = Buffer.from(bytes).toString("utf8");
  const asItIs = { text: line, opened: 0, faults: [] };
  if (!isUtf8(bytes)) return { ...asItIs, faults: ["It holds no record (JSON_NOT_UTF8)."] };
  if (line.trim() === "") return asItIs;
  const record = readReplicaLine(line);
  if (!record.ok) return { ...asItIs, faults: [`It holds no record (${record.fault}).`] };
  const event = eventOf(record.value, contractOf);
  const { data, opened, left } = openValues(record.value.data, event.known, keys);
  const faults = left.map(
    ({ pointer, why }) => `${pointer} stays encrypted. ${sentence(why, event.missing)}`,
  );
  return { text: opened === 0 ? line : record.value.write(data), opened, faults };
}

const sentence = (why: OpenedData["left"][number]["why"], missing: string): string =>
  why === "record" ? missing : SEALED_FAULTS[why];

/** What the values of a record are bound to; `missing` says what is not known of it. */
function eventOf({ agreement, eventId }: ReplicaLine, contractOf: ContractOf) {
  const unknown = (missing: string) => ({ known: undefined, missing });
  if (agreement === undefined) return unknown("The line has no header ce_meshagreement.");
  if (eventId === undefined)
    return unknown("The line has no id of the event: neither the header ce_id nor the member id.");
  const contract = contractOf(agreement);
  if (contract === undefined)
    return unknown(
      `The folder has no agreement ${agreement}: put its file into agreements/, or give --contract.`,
    );
  return { known: { agreement, eventId, contract }, missing: "" };
}
