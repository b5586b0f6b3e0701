import type { Json } from "../kernel/json.ts";
import { statusOf } from "./registry/replay.ts";
import type { Snapshot } from "./registry/snapshot.ts";
import { replicaTopic } from "./replica-topic.ts";

interface Viewer {
  /** Own company URN. */
  readonly owner: string;
  /** What the names of replica topics begin with. */
  readonly topicPrefix: string;
}

/** Kind → its rows for `tiermesh get`, as the registry stands. */
export function views(
  snapshot: Snapshot,
  { owner, topicPrefix }: Viewer,
): Readonly<Record<string, () => Json>> {
  const agreements = snapshot.all("AccessAgreement").map(({ value }) => value);
  const nameOf = (company: string): string => snapshot.partner(company)?.name ?? company;
  return {
    contracts: () =>
      snapshot.all("DataContract").map(({ value: { ref, status, topic, event, purposes } }) => ({
        name: ref.name,
        version: ref.version,
        status,
        topic,
        type: event.type,
        purposes,
        digest: ref.digest,
      })),
    partners: () =>
      snapshot.all("Partner").map(({ value: { name, card, groups, clearance, country } }) => ({
        name,
        id: card.id,
        company: card.name,
        url: card.url,
        clearance,
        groups,
        country: country ?? null,
        fingerprint: card.fingerprint,
      })),
    agreements: () =>
      agreements.map((agreement) => ({
        id: agreement.id,
        status: agreement.status,
        side: agreement.provider === owner ? "publisher" : "subscriber",
        partner: nameOf(agreement.provider === owner ? agreement.consumer : agreement.provider),
        contract: `${agreement.contractName}@${agreement.contractVersion}`,
        contractDigest: agreement.contractDigest,
        purpose: agreement.purpose,
        delivery: agreement.delivery,
        until: new Date(agreement.endsAt).toISOString(),
      })),
    streams: () =>
      agreements
        .filter(({ consumer }) => consumer === owner)
        .map(({ id, provider, contractName, delivery, status }) => ({
          topic: delivery === "push" ? null : replicaTopic(topicPrefix, nameOf(provider), contractName),
          publisher: nameOf(provider),
          agreement: id,
          status,
        })),
    replays: () =>
      snapshot.all("Replay").map(({ value }) => ({
        id: value.id,
        agreement: value.agreement,
        status: statusOf(value, snapshot.find("AccessAgreement", value.agreement)?.value),
        from: value.from,
        to: value.to === "" ? null : value.to,
        into: value.into,
        partitions: Object.keys(value.ends).length,
        since: value.at,
      })),
    policies: () =>
      snapshot.all("PolicyBundle").map(({ value: { name, version, direction, mode, modules, digest } }) => ({
        name,
        version,
        direction,
        mode,
        modules: modules.map(({ use }) => use),
        digest,
      })),
  };
}
