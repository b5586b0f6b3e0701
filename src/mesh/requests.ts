import { randomUUID } from "node:crypto";
import { type Agreement, LIVE_STATES } from "../kernel/agreement.ts";
import type { Partner } from "../kernel/company.ts";
import type { ContractRef } from "../kernel/contract.ts";
import type { Delivery } from "../kernel/delivery.ts";
import { MeshError } from "../kernel/error.ts";
import type { Clock, PartnerClient } from "../kernel/ports.ts";
import { newAgreement } from "../tenants/agreement-file.ts";
import { signAgreement } from "../tenants/agreement-signature.ts";
import type { KeyRing } from "../tenants/key-ring.ts";
import type { Agreements } from "./agreements.ts";
import { readContractRef, readToldContract } from "./public-contract.ts";
import type { Registry } from "./registry/registry.ts";

const YEAR_MS = 365 * 24 * 3_600_000;
const MINUTE_MS = 60_000;

/** What a subscriber's operator asks for. */
export interface AccessRequest {
  /** Contract name, or `name@version`. */
  readonly contract: string;
  /** Name or URN of the publisher. */
  readonly from: string;
  readonly purpose: string;
  readonly usage: string | undefined;
  /** Milliseconds since 1970; a year from now when undefined. */
  readonly until: number | undefined;
  readonly start: string | undefined;
  /** `pull` when undefined. */
  readonly delivery: Delivery | undefined;
  /** For `agreement.parameters.*` in the contract's scope. */
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
}

export interface RequestPorts {
  readonly owner: string;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly agreements: Agreements;
  readonly clientOf: (partner: Partner) => PartnerClient;
  readonly clock: Clock;
}

/** Reads the contract at its publisher, signs a request for it as it stands there, sends it, and keeps it. */
export async function requestAccess(request: AccessRequest, ports: RequestPorts): Promise<Agreement> {
  const partner = ports.registry.snapshot.partner(request.from);
  if (partner === undefined) throw new MeshError("NOT_FOUND", `No card of ${request.from} is accepted here.`);
  const [name] = request.contract.split("@");
  const standing = ports.registry.snapshot
    .all("AccessAgreement")
    .find(
      ({ value }) =>
        value.provider === partner.card.id &&
        value.contractName === name &&
        LIVE_STATES.has(value.status) &&
        value.endsAt > ports.clock.now(),
    );
  // Both would write the one replica topic, and every record would be there twice.
  if (standing !== undefined)
    throw new MeshError(
      "CONFLICT",
      `The agreement ${standing.name} on ${name} stands already (${standing.value.status}): revoke it before you ask anew.`,
    );
  const client = ports.clientOf(partner);
  try {
    const answer = await client.json("GET", `/v1/contracts/${encodeURIComponent(request.contract)}`);
    const contract = readContractRef(answer);
    // The contract's name becomes part of a topic's name here, so that the publisher must not choose another.
    if (contract === undefined || ![nameOf(contract), contract.name].includes(request.contract))
      throw new MeshError(
        "PARTNER_ANSWER_INVALID",
        "The publisher's answer does not describe the contract that was asked for.",
      );
    if (!contract.purposes.includes(request.purpose))
      throw new MeshError(
        "REQUEST_INVALID",
        `The contract allows ${contract.purposes.join(", ")}; not that purpose.`,
      );
    const now = ports.clock.now();
    const document = newAgreement({
      id: randomUUID(),
      startTimestamp: timeOf(now - (now % MINUTE_MS)),
      endTimestamp: timeOf(request.until ?? now + YEAR_MS),
      purpose: request.purpose,
      ...(request.usage !== undefined && { usage: request.usage }),
      provider: partner.card.id,
      consumer: ports.owner,
      contractName: contract.name,
      contractVersion: contract.version,
      contractDigest: contract.digest,
      ...(request.start !== undefined && { start: request.start }),
      ...(request.delivery !== undefined && { delivery: request.delivery }),
      ...(Object.keys(request.parameters).length > 0 && { parameters: request.parameters }),
    });
    const signed = signAgreement(document, ports.keys, ports.owner, timeOf(now));
    await client.json("POST", "/v1/agreements", signed);
    return await ports.agreements.requested(signed, readToldContract(answer));
  } finally {
    await client.close();
  }
}

/**
 * Tells the publisher what its subscriber made of an agreement, so that both logs say it. The agreement has ended here
 * either way: false when the publisher could not be told.
 */
export async function tellPublisher(id: string, ports: RequestPorts): Promise<boolean> {
  const known = ports.registry.snapshot.find("AccessAgreement", id);
  const partner = ports.registry.snapshot.partner(known?.value.provider ?? "");
  if (known === undefined || partner === undefined) return false;
  const client = ports.clientOf(partner);
  try {
    await client.json("POST", `/v1/agreements/${id}`, known.document);
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

const nameOf = ({ name, version }: ContractRef): string => `${name}@${version}`;
const timeOf = (ms: number): string => new Date(ms).toISOString();
