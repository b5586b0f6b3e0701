import { type Agreement, LIVE_STATES } from "../kernel/agreement.ts";
import type { Partner } from "../kernel/company.ts";
import { CATEGORIES, type Category, type Contract, type ContractField } from "../kernel/contract.ts";
import type { OtherAgreement, PlanFacts, ReceivedStream } from "../policy/module.ts";
import type { ToldContract } from "./public-contract.ts";
import { replicaTopic } from "./replica-topic.ts";

/** All that a company has agreed on, in whatever form it is kept: a registry, or a folder of files. */
export interface CompanyFiles {
  /** Own company URN. */
  readonly owner: string;
  /** What names of replica topics begin with. */
  readonly topicPrefix: string;
  readonly contracts: readonly Contract[];
  readonly partners: readonly Partner[];
  readonly agreements: readonly KnownAgreement[];
}

export interface KnownAgreement {
  readonly value: Agreement;
  /** Where this company is the subscriber: what the publisher told of its contract. Nothing known forbids. */
  readonly told: ToldContract | undefined;
}

/**
 * What rules may ask about a contract besides the contract itself: who else gets something, and whether it was received from
 * somebody. `agreement` is the id of the one that the plan is for, undefined in a preview without one; `now` in ms since 1970.
 */
export function factsAbout(
  contract: Contract,
  agreement: string | undefined,
  company: CompanyFiles,
  now: number,
): Pick<PlanFacts, "others" | "received"> {
  const others = company.agreements
    .map(({ value }) => value)
    .filter((value) => value.id !== agreement && isPublished(value, company.owner, now))
    .flatMap((value) => otherAgreement(value, company));
  return { others, received: receivedStream(contract, company) };
}

/** Also what is suspended: it may go on any moment, and the older right is kept. */
const isPublished = ({ provider, status, endsAt }: Agreement, owner: string, now: number): boolean =>
  provider === owner && LIVE_STATES.has(status) && endsAt > now;

/** What this company has not signed gives nobody anything. */
function otherAgreement(agreement: Agreement, company: CompanyFiles): readonly OtherAgreement[] {
  const { id, consumer, contractName, contractVersion } = agreement;
  const signature = agreement.signatures.find((each) => each.company === company.owner);
  if (signature === undefined) return [];
  const partner = company.partners.find(({ card }) => card.id === consumer);
  const contract = company.contracts.find(
    ({ ref }) => ref.name === contractName && ref.version === contractVersion,
  );
  const { name = consumer, competesWith = [] } = partner ?? {};
  const signedAt = Date.parse(signature.signedAt);
  return [
    {
      id,
      partner: { id: consumer, name, competesWith },
      contract: contractName,
      // Of a contract that is not here any more nobody knows what it shares: then all.
      categories: contract === undefined ? CATEGORIES : categoriesOf(contract.root),
      approvedAt: Number.isNaN(signedAt) ? 0 : signedAt,
    },
  ];
}

/** Of the field and all below it, in the order of the table. */
function categoriesOf(field: ContractField): readonly Category[] {
  const found = new Set<Category>();
  const left = [field];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const category of next.categories) found.add(category);
    left.push(...next.members.values());
    if (next.elements !== undefined) left.push(next.elements);
  }
  return CATEGORIES.filter((category) => found.has(category));
}

/**
 * Whether the contract's topic is the replica of a received stream, under whatever state of the agreement: what was received
 * under one that has ended lies in the topic still. Where several wrote it, all must allow it.
 */
function receivedStream(
  { topic }: Contract,
  { owner, topicPrefix, partners, agreements }: CompanyFiles,
): ReceivedStream | undefined {
  const sources = agreements.filter(({ value: { consumer, provider, contractName } }) => {
    const publisher = partners.find(({ card }) => card.id === provider);
    const isReplica =
      publisher !== undefined && replicaTopic(topicPrefix, publisher.name, contractName) === topic;
    return consumer === owner && isReplica;
  });
  const [first] = sources;
  if (first === undefined) return undefined;
  const { provider: from, contractName: contract } = first.value;
  const isAllowed = sources.every(({ told }) => told?.onwardSharing === "allowed");
  return { from, contract, onwardSharing: isAllowed ? "allowed" : "forbidden" };
}
