import { readFileSync } from "node:fs";
import { journalDecisionLog } from "../../src/audit/journal-decision-log.ts";
import { storedDecisions } from "../../src/audit/stored-decisions.ts";
import type { Agreement } from "../../src/kernel/agreement.ts";
import type { ActDecision, Decision, FrameDecision } from "../../src/kernel/decision.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import type { Json } from "../../src/kernel/json.ts";
import type { DecisionLog } from "../../src/kernel/ports.ts";
import type { Signal } from "../../src/kernel/signal.ts";
import { Agreements } from "../../src/mesh/agreements.ts";
import type { FileKind, RegistryEntry } from "../../src/mesh/registry/entry.ts";
import { Registry } from "../../src/mesh/registry/registry.ts";
import { readEntry } from "../../src/mesh/registry/snapshot.ts";
import { type AgreementFields, newAgreement, signAgreement } from "../../src/tenants/agreement-file.ts";
import { makeCard, readCard } from "../../src/tenants/card.ts";
import type { KeyRing } from "../../src/tenants/keys.ts";
import { partnerDocument } from "../../src/tenants/partner-file.ts";
import { MemoryClock } from "../support/memory-clock.ts";
import { MemoryJournal } from "../support/memory-journal.ts";
import { memoryPartner } from "../support/memory-partner.ts";
import { AURORA, changed, documentOf, freshRing, HELIX } from "../tenants/company.ts";

export { AURORA, HELIX };
export const NOW = Date.UTC(2026, 11, 15, 12);
export const AGREEMENT = "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10";
export const PURPOSE = "cx.dcm.base";
const AUDIT = "_tiermesh.audit";

const fileOf = (path: string): string =>
  readFileSync(new URL(`../../contracts/material-demand/${path}`, import.meta.url), "utf8");
const CONTRACT = fileOf("contract.odcs.yaml");
const SCHEMA = fileOf("payload.schema.json");

type Files = Pick<RegistryEntry, "main" | "files"> & { readonly kind: FileKind };

/** The example contract, with texts replaced. */
export function contractFiles(...changes: readonly (readonly [from: string, to: string])[]): Files {
  let text = CONTRACT;
  for (const [from, to] of changes) text = text.replaceAll(from, to);
  const main = "contract.odcs.yaml";
  return { kind: "DataContract", main, files: { [main]: text, "payload.schema.json": SCHEMA } };
}

export const agreementFiles = (document: Json): Files => ({
  kind: "AccessAgreement",
  main: "agreement.json",
  files: { "agreement.json": JSON.stringify(document) },
});

export interface PartnerChanges {
  readonly name?: string;
  readonly serial?: number;
  readonly clearance?: "internal" | "confidential";
  readonly competesWith?: readonly string[];
  /** `spec.kafka`. */
  readonly kafka?: Json;
}

/** A partner's file around a card of that ring. */
export function partnerFiles(id: string, ring: KeyRing, changes: PartnerChanges = {}): Files {
  const { name = id === AURORA ? "aurora" : "helix", serial = 1, clearance = "confidential" } = changes;
  const { competesWith = [], kafka } = changes;
  const url = `https://${name}.example:8443`;
  const card = makeCard(ring, { id, name, url, serial, issuedAt: "2026-11-22T09:00:00Z" });
  const file = { name, card: "card.json", fingerprint: fingerprintOf(card), clearance, country: "DE" };
  const rival = changed(partnerDocument(file), "/spec/competesWith", competesWith);
  const document = kafka === undefined ? rival : changed(rival, "/spec/kafka", kafka);
  const files = { "partner.json": JSON.stringify(document), "card.json": JSON.stringify(card) };
  return { kind: "Partner", main: "partner.json", files };
}

const fingerprintOf = (card: Json): string => {
  const { card: read, problems } = readCard(documentOf(card));
  if (read === undefined) throw new Error(JSON.stringify(problems));
  return read.fingerprint;
};

/** One gateway's control plane, on a journal in memory. */
export class Company {
  readonly owner: string;
  readonly keys: KeyRing;
  readonly topicPrefix = "";
  readonly journal: MemoryJournal;
  readonly clock: MemoryClock;
  readonly registry: Registry;
  readonly decisions: DecisionLog;
  readonly agreements: Agreements;
  /** Everything that was told. */
  readonly signals: Signal[];
  readonly emit = (signal: Signal): void => void this.signals.push(signal);

  /** Its gateway follows the registry no more. */
  readonly end: () => void;

  constructor(
    ground: Pick<Company, "owner" | "keys" | "journal" | "clock" | "signals" | "end">,
    registry: Registry,
  ) {
    this.end = ground.end;
    this.owner = ground.owner;
    this.keys = ground.keys;
    this.journal = ground.journal;
    this.clock = ground.clock;
    this.signals = ground.signals;
    this.registry = registry;
    this.decisions = journalDecisionLog(ground.journal, AUDIT, ground.owner);
    this.agreements = new Agreements(this);
  }

  static async open(owner: string, keys: KeyRing, clock: MemoryClock): Promise<Company> {
    const journal = new MemoryJournal();
    const signals: Signal[] = [];
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const emit = (signal: Signal): void => void signals.push(signal);
    const registry = await Registry.open(journal, emit, ended.signal, () => undefined);
    return new Company({ owner, keys, journal, clock, signals, end }, registry);
  }

  /** The log as an auditor reads it. */
  log(): AsyncIterable<Decision> {
    return storedDecisions(this.journal.read(AUDIT, {}), this.owner, ({ detail }) => {
      throw new Error(detail);
    });
  }

  async acts(): Promise<readonly ActDecision[]> {
    return (await Array.fromAsync(this.log())).filter((decision) => decision.kind === "act");
  }

  async frames(): Promise<readonly FrameDecision[]> {
    return (await Array.fromAsync(this.log())).filter((decision) => decision.kind === "frame");
  }

  /** Puts files in force without asking anybody. */
  async accept(files: Files): Promise<void> {
    const { registered, problems } = readEntry(files);
    if (registered === undefined) throw new Error(JSON.stringify(problems));
    const acceptedAt = new Date(this.clock.now()).toISOString();
    await this.registry.put({ ...files, name: registered.name, acceptedAt, acceptedBy: "operator" });
  }

  agreement(id = AGREEMENT): Agreement | undefined {
    return this.registry.snapshot.find("AccessAgreement", id)?.value;
  }

  document(id = AGREEMENT): Json {
    return this.registry.snapshot.find("AccessAgreement", id)?.document ?? null;
  }

  /** A client of the gateway with these rows, called by this company. */
  clientOf(rows: readonly Endpoint[]) {
    return memoryPartner(rows, this.owner);
  }
}

let rings: Promise<readonly [KeyRing, KeyRing]> | undefined;

/** Keys of Aurora and Helix, made once for each test file. */
export async function ringsOfBoth(): Promise<readonly [aurora: KeyRing, helix: KeyRing]> {
  rings ??= Promise.all([freshRing(), freshRing()]);
  return await rings;
}

export interface Two {
  readonly aurora: Company;
  readonly helix: Company;
  readonly clock: MemoryClock;
}

/** Aurora publishes `material-demand`; each has accepted the other's card. */
export async function twoCompanies(contract: Files = contractFiles()): Promise<Two> {
  const [auroraRing, helixRing] = await ringsOfBoth();
  const clock = new MemoryClock(NOW);
  const aurora = await Company.open(AURORA, auroraRing, clock);
  const helix = await Company.open(HELIX, helixRing, clock);
  await aurora.accept(contract);
  await aurora.accept(partnerFiles(HELIX, helixRing));
  await helix.accept(partnerFiles(AURORA, auroraRing));
  return { aurora, helix, clock };
}

/** Helix's request for the contract, signed by Helix. */
export function request({ aurora, helix }: Two, changes: Partial<AgreementFields> = {}): Json {
  const contract = aurora.registry.snapshot.contract("material-demand")?.ref;
  const document = newAgreement({
    id: AGREEMENT,
    startTimestamp: "2026-12-01T00:00:00Z",
    endTimestamp: "2027-11-30T23:59:59Z",
    purpose: PURPOSE,
    provider: AURORA,
    consumer: HELIX,
    contractName: contract?.name ?? "",
    contractVersion: contract?.version ?? "",
    contractDigest: contract?.digest ?? "",
    ...changes,
  });
  return signAgreement(document, helix.keys, HELIX, new Date(NOW).toISOString());
}

/** The same with the request made, received and approved: in force at Aurora, and known to Helix as requested. */
export async function agreed(two: Two, changes: Partial<AgreementFields> = {}): Promise<Two> {
  const document = request(two, changes);
  await two.helix.agreements.requested(document);
  await two.aurora.agreements.receive(HELIX, document);
  await two.aurora.agreements.act(AGREEMENT, "approve", "");
  return two;
}
