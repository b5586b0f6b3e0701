import { readDocument } from "../document/document.ts";
import { type Agreement, LIVE_STATES } from "../kernel/agreement.ts";
import type { Partner } from "../kernel/company.ts";
import type { ActDecision } from "../kernel/decision.ts";
import { MeshError } from "../kernel/error.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";
import type { Clock, DecisionLog } from "../kernel/ports.ts";
import type { Problem } from "../kernel/problem.ts";
import { checkSuccessor, SUCCESSION_FAULTS } from "../tenants/card-succession.ts";
import type { KeyRing } from "../tenants/key-ring.ts";
import { partnerClash } from "../tenants/partner-clash.ts";
import type { PlanOwner } from "./agreement-plan.ts";
import type { Agreements } from "./agreements.ts";
import { deniedStreams } from "./denied-streams.ts";
import { entryDigest, entryKey, type FileKind, type RegistryEntry } from "./registry/entry.ts";
import type { Registry } from "./registry/registry.ts";
import { type Registered, readEntry } from "./registry/snapshot.ts";

/** A file that somebody wants to be in force. */
export interface Proposal {
  readonly kind: FileKind;
  readonly main: string;
  readonly files: Readonly<Record<string, string>>;
}

/** What applying it does, or did. */
export interface Change {
  readonly kind: FileKind;
  readonly name: string;
  /** What people here call it, where that is not the name: of a partner, whose name is a URN. */
  readonly title?: string;
  readonly outcome: "created" | "changed" | "unchanged";
  /** `+ /pointer`, `- /pointer`, `~ /pointer`: places, not values. */
  readonly differences: readonly string[];
  readonly warnings: readonly Problem[];
}

export interface ChangePorts extends PlanOwner {
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly agreements: Agreements;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
}

/** Kind → the family of its audit records. */
const ACT_OF: Readonly<Record<FileKind, string>> = {
  DataContract: "contract.accepted",
  PolicyBundle: "policy.accepted",
  Partner: "partner.accepted",
  AccessAgreement: "agreement.accepted",
};

/**
 * Checks a proposal against what is in force and, unless `dry`, puts it in force: its audit record first. Throws
 * DOCUMENT_INVALID with every problem, CONFLICT when something in force stands against it.
 */
export async function applyProposal(proposal: Proposal, dry: boolean, ports: ChangePorts): Promise<Change> {
  const { registered, problems } = readEntry(proposal, undefined, ports.registry.modules);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (registered === undefined || errors.length > 0) throw invalid(proposal.main, errors);
  const time = new Date(ports.clock.now()).toISOString();
  const entry: RegistryEntry = {
    ...proposal,
    name: registered.name,
    acceptedAt: time,
    acceptedBy: "operator",
  };
  const before = ports.registry.snapshot.entries.get(entryKey(entry));
  const same = before !== undefined && entryDigest(before.entry) === entryDigest(entry);
  const change: Change = {
    kind: proposal.kind,
    name: entry.name,
    ...(registered.kind === "Partner" && { title: registered.value.name }),
    outcome: same ? "unchanged" : before === undefined ? "created" : "changed",
    differences: before === undefined ? [] : differences(mainOf(before.entry), mainOf(entry), ""),
    warnings: problems,
  };
  if (same) return change;
  checkAgainst(registered, before?.registered, ports);
  const told = { ...change, warnings: [...problems, ...deniedStreams(entry, registered, ports)] };
  if (dry) return told;
  if (registered.kind === "AccessAgreement") await acceptAgreement(registered, ports);
  else {
    await ports.decisions.append([acceptance(proposal.kind, entry, registered, time)]);
    await ports.registry.put(entry);
  }
  return told;
}

function checkAgainst(after: Registered, before: Registered | undefined, ports: ChangePorts): void {
  if (after.kind === "DataContract")
    checkContract(after, before?.kind === "DataContract" ? before : undefined, ports);
  if (after.kind === "Partner")
    checkPartner(after.value, before?.kind === "Partner" ? before.value : undefined, ports);
}

type ReadContract = Extract<Registered, { kind: "DataContract" }>;

function checkContract(
  after: ReadContract,
  before: ReadContract | undefined,
  { owner, registry }: ChangePorts,
): void {
  if (after.value.owner !== owner)
    throw new MeshError(
      "CONFLICT",
      `The contract's tenant is ${after.value.owner}, but this company is ${owner}.`,
    );
  if (before === undefined || before.value.ref.digest === after.value.ref.digest) return;
  const bound = liveAgreements(registry).filter(
    ({ provider, contractName, contractVersion }) =>
      provider === owner && `${contractName}@${contractVersion}` === after.name,
  );
  if (bound.length > 0)
    throw new MeshError(
      "CONFLICT",
      `${bound.length} agreement(s) stand on ${after.name} as it is: give the changed contract a new version.`,
    );
}

function checkPartner(
  after: Partner,
  before: Partner | undefined,
  { owner, keys, registry }: ChangePorts,
): void {
  const own = { id: owner, keys: keys.publicKeys, pins: [keys.tls.pin] };
  const others = registry.snapshot.all("Partner").map(({ value }) => value);
  const clash = partnerClash(after, own, others);
  if (clash !== undefined) throw new MeshError("CONFLICT", `${clash.message} ${clash.mend}`);
  if (before === undefined) return;
  const successor = checkSuccessor(before.card, after.card);
  if (!successor.ok) throw new MeshError("CONFLICT", SUCCESSION_FAULTS[successor.fault]);
  const received = liveAgreements(registry).filter(({ provider }) => provider === after.card.id);
  // Under another name a link would find another, empty topic, and begin from the start.
  if (before.name !== after.name && received.length > 0)
    throw new MeshError(
      "CONFLICT",
      `Replica topics are called by the partner's name, and ${received.length} agreement(s) stand: keep the name ${before.name}.`,
    );
  checkTopicPrefix(after, before, registry);
}

/** Under another prefix a push would find another, empty topic, and begin from the start. */
function checkTopicPrefix(after: Partner, before: Partner, registry: Registry): void {
  const isMoved = after.kafka !== undefined && before.kafka !== undefined;
  if (!isMoved || after.kafka.topicPrefix === before.kafka.topicPrefix) return;
  const pushed = liveAgreements(registry).filter(
    ({ consumer, delivery }) => consumer === after.card.id && delivery === "push",
  );
  if (pushed.length > 0)
    throw new MeshError(
      "CONFLICT",
      `Topics in the partner's Kafka begin with the prefix, and ${pushed.length} pushed agreement(s) stand: keep \`topicPrefix\`.`,
    );
}

const liveAgreements = (registry: Registry): readonly Agreement[] =>
  registry.snapshot
    .all("AccessAgreement")
    .map(({ value }) => value)
    .filter(({ status }) => LIVE_STATES.has(status));

/** An agreement that came as a file goes the same way as one that came over the wire. */
async function acceptAgreement(
  { value, document }: Extract<Registered, { kind: "AccessAgreement" }>,
  { owner, agreements }: ChangePorts,
): Promise<void> {
  if (value.provider === owner) await agreements.receive(value.consumer, document);
  else if (value.consumer === owner) await agreements.learn(value.id, value.provider, document);
  else throw new MeshError("CONFLICT", "The agreement is between other companies.");
}

function acceptance(kind: FileKind, entry: RegistryEntry, registered: Registered, time: string): ActDecision {
  const about =
    registered.kind === "Partner"
      ? { partner: registered.name }
      : registered.kind === "DataContract"
        ? { contract: registered.name }
        : {};
  const note = `${entry.kind} ${entry.name}`;
  return {
    kind: "act",
    act: ACT_OF[kind],
    time,
    actor: "operator",
    digest: entryDigest(entry),
    note,
    ...about,
  };
}

function invalid(file: string, errors: readonly Problem[]): MeshError {
  const [first] = errors;
  const place = first
    ? `${first.file}:${first.line}:${first.column}: ${first.message}`
    : `${file} can't be read.`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new MeshError("DOCUMENT_INVALID", `${place}${more}`);
}

function mainOf(entry: RegistryEntry): Json {
  const document = readDocument(entry.files[entry.main] ?? "", entry.main);
  return document.ok ? document.value.value : null;
}

const isMembers = (value: Json | undefined): value is JsonMembers | readonly Json[] =>
  typeof value === "object" && value !== null;

/** Where two documents differ, at most 100 places. */
function differences(before: Json | undefined, after: Json | undefined, pointer: string): readonly string[] {
  if (before === undefined) return [`+ ${pointer}`];
  if (after === undefined) return [`- ${pointer}`];
  if (!isMembers(before) || !isMembers(after) || Array.isArray(before) !== Array.isArray(after))
    return before === after ? [] : [`~ ${pointer}`];
  const old = new Map(Object.entries(before));
  const young = new Map(Object.entries(after));
  return [...new Set([...old.keys(), ...young.keys()])]
    .flatMap((name) =>
      differences(
        old.get(name),
        young.get(name),
        `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      ),
    )
    .slice(0, 100);
}
