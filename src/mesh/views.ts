import type { Json } from "../kernel/json.ts";
import type { Snapshot } from "./registry/snapshot.ts";

/** Kind → its rows for `tiermesh get`, as the registry stands. */
export function views(snapshot: Snapshot, owner: string): Readonly<Record<string, () => Json>> {
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
          topic: delivery === "push" ? null : `${nameOf(provider)}.${contractName}`,
          publisher: nameOf(provider),
          agreement: id,
          status,
        })),
    replays: () =>
      snapshot.all("Replay").map(({ value: { id, agreement, status, from, to, into, ends, at } }) => ({
        id,
        agreement,
        status,
        from,
        to: to === "" ? null : to,
        into,
        partitions: Object.keys(ends).length,
        since: at,
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
