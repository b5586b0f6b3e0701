import { readDocument } from "../../document/document.ts";
import type { Agreement } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import type { Contract } from "../../kernel/contract.ts";
import type { Json } from "../../kernel/json.ts";
import type { PolicyBundle } from "../../kernel/policy-bundle.ts";
import type { Problem } from "../../kernel/problem.ts";
import { readPlainJson } from "../../kernel/strict-json.ts";
import type { PolicyModule } from "../../policy/module.ts";
import { MODULES } from "../../policy/registry.ts";
import { readAgreement } from "../../tenants/agreement-file.ts";
import { readPartner } from "../../tenants/partner-file.ts";
import { readBundle } from "../contracts/bundle-file.ts";
import { readContract } from "../contracts/contract-file.ts";
import { readToldContract, type ToldContract } from "../public-contract.ts";
import { type EntryKind, entryKey, type RegistryEntry } from "./entry.ts";
import { type LinkControl, readLinkControl } from "./link-control.ts";
import { type Replay, readReplay } from "./replay.ts";

/** Name of the file beside an agreement that holds what the publisher told of its contract. */
export const TOLD_CONTRACT = "told-contract.json";

/** What an entry is once it is read. */
export type Registered =
  | { readonly kind: "DataContract"; readonly name: string; readonly value: Contract }
  | { readonly kind: "PolicyBundle"; readonly name: string; readonly value: PolicyBundle }
  | { readonly kind: "Partner"; readonly name: string; readonly value: Partner }
  | { readonly kind: "LinkControl"; readonly name: string; readonly value: LinkControl }
  | { readonly kind: "Replay"; readonly name: string; readonly value: Replay }
  | {
      readonly kind: "AccessAgreement";
      readonly name: string;
      readonly value: Agreement;
      readonly document: Json;
      /** What the publisher told of its contract; undefined: nothing that is known here. */
      readonly told: ToldContract | undefined;
    };

interface Reading {
  readonly registered: Registered | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Reads the files of an entry by their kind, with every problem at once. The name is the files' own, not the entry's.
 * `from` says how messages name the main file and where companions come from, when not from the entry; `modules` are those
 * that a bundle may use.
 */
export function readEntry(
  entry: Pick<RegistryEntry, "kind" | "main" | "files">,
  from?: EntryPlace,
  modules: Modules = MODULES,
): Reading {
  const document = readDocument(entry.files[entry.main] ?? "", from?.file ?? entry.main);
  if (!document.ok) return { registered: undefined, problems: document.fault };
  const within = {
    read: (name: string) =>
      Object.hasOwn(entry.files, name) ? Buffer.from(entry.files[name] ?? "") : undefined,
  };
  return READERS[entry.kind](document.value, from?.companions ?? within, modules);
}

/** Name → module; an entry that was accepted before stays in force on a gateway that has lost one of its modules. */
type Modules = ReadonlyMap<string, PolicyModule> | "as accepted";

interface EntryPlace {
  readonly file: string;
  readonly companions: { read(name: string): Uint8Array | undefined };
}

type Reader = (
  document: Parameters<typeof readPartner>[0],
  companions: { read(name: string): Uint8Array | undefined },
  modules: Modules,
) => Reading;

/** Kind → how its files are read and what they are called by. */
const READERS: Readonly<Record<EntryKind, Reader>> = {
  DataContract: (document, companions) => {
    const { contract: value, problems } = readContract(document, companions);
    const registered =
      value && ({ kind: "DataContract", name: `${value.ref.name}@${value.ref.version}`, value } as const);
    return { registered, problems };
  },
  PolicyBundle: (document, _, modules) => {
    const schemas =
      modules === "as accepted"
        ? undefined
        : new Map([...modules].map(([name, { settingsSchema }]) => [name, settingsSchema]));
    const { bundle: value, problems } = readBundle(document, schemas);
    return { registered: value && { kind: "PolicyBundle", name: value.name, value }, problems };
  },
  Partner: (document, companions) => {
    const { partner: value, problems } = readPartner(document, companions);
    return { registered: value && { kind: "Partner", name: value.card.id, value }, problems };
  },
  AccessAgreement: (document, companions) => {
    const { agreement: value, problems } = readAgreement(document);
    if (value === undefined) return { registered: undefined, problems };
    const told = toldOf(value, companions.read(TOLD_CONTRACT));
    const { value: file } = document;
    return { registered: { kind: "AccessAgreement", name: value.id, value, document: file, told }, problems };
  },
  // The gateway writes these itself: nobody is to be told of lines and columns.
  LinkControl: ({ value: document }) => {
    const value = readLinkControl(document);
    return { registered: value && { kind: "LinkControl", name: value.agreement, value }, problems: [] };
  },
  Replay: ({ value: document }) => {
    const value = readReplay(document);
    return { registered: value && { kind: "Replay", name: value.id, value }, problems: [] };
  },
};

/** What was told of another contract than was agreed on says nothing about this one. */
function toldOf({ contractDigest }: Agreement, bytes: Uint8Array | undefined): ToldContract | undefined {
  const read = bytes === undefined ? undefined : readPlainJson(bytes);
  const told = read?.ok === true ? readToldContract(read.value) : undefined;
  return told?.digest === contractDigest ? told : undefined;
}

/** The registry at one moment; never changed, only replaced. */
export class Snapshot {
  readonly #entries: ReadonlyMap<string, { readonly entry: RegistryEntry; readonly registered: Registered }>;

  constructor(entries: Snapshot["entries"] = new Map()) {
    this.#entries = entries;
  }

  get entries(): ReadonlyMap<string, { readonly entry: RegistryEntry; readonly registered: Registered }> {
    return this.#entries;
  }

  with(entry: RegistryEntry, registered: Registered): Snapshot {
    return new Snapshot(new Map(this.#entries).set(entryKey(entry), { entry, registered }));
  }

  without(key: string): Snapshot {
    const entries = new Map(this.#entries);
    entries.delete(key);
    return new Snapshot(entries);
  }

  /** All of a kind, in the order in which they were first accepted. */
  all<Kind extends EntryKind>(kind: Kind): readonly Extract<Registered, { kind: Kind }>[] {
    return [...this.#entries.values()].flatMap(({ registered }) =>
      registered.kind === kind ? [registered as Extract<Registered, { kind: Kind }>] : [],
    );
  }

  find<Kind extends EntryKind>(kind: Kind, name: string): Extract<Registered, { kind: Kind }> | undefined {
    const registered = this.#entries.get(entryKey({ kind, name }))?.registered;
    return registered?.kind === kind ? (registered as Extract<Registered, { kind: Kind }>) : undefined;
  }

  /** By local name or URN. */
  partner(nameOrId: string): Partner | undefined {
    return this.all("Partner").find(({ value }) => value.name === nameOrId || value.card.id === nameOrId)
      ?.value;
  }

  /** The newest active contract of a name, or the one of `name@version`. */
  contract(name: string): Contract | undefined {
    const exact = this.find("DataContract", name)?.value;
    const active = this.all("DataContract").filter(({ value }) => value.status === "active");
    return exact ?? active.findLast(({ value }) => value.ref.name === name)?.value;
  }

  /** The agreement of that id, or the only one that begins with it. */
  agreement(id: string): Extract<Registered, { kind: "AccessAgreement" }> | undefined {
    const exact = this.find("AccessAgreement", id);
    if (exact !== undefined) return exact;
    const starting = this.all("AccessAgreement").filter((known) => known.name.startsWith(id));
    return id.length >= 4 && starting.length === 1 ? starting[0] : undefined;
  }
}
