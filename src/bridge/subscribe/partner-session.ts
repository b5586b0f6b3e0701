import type { Agreement } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import { MeshError } from "../../kernel/error.ts";
import type { PartnerClient } from "../../kernel/ports.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { saidByPartner } from "./partner-fault.ts";

export interface PartnerSessionPorts {
  readonly owner: string;
  readonly registry: Registry;
  readonly clientOf: (partner: Partner) => PartnerClient;
}

/** The publisher of a stream that this company subscribes to. */
export interface PublisherSession {
  readonly agreement: Agreement;
  readonly publisher: Partner;
  readonly client: PartnerClient;
}

/**
 * Calls the publisher of an agreement in force, and closes the call. What the publisher refuses is thrown by its own code. Throws
 * NOT_FOUND, CONFLICT, PARTNER_….
 */
export async function withPublisher<Value>(
  id: string,
  { owner, registry, clientOf }: PartnerSessionPorts,
  use: (session: PublisherSession) => Promise<Value>,
): Promise<Value> {
  const agreement = registry.snapshot.find("AccessAgreement", id)?.value;
  if (agreement === undefined) throw new MeshError("NOT_FOUND", "There is no agreement of that id.");
  if (agreement.consumer !== owner)
    throw new MeshError("CONFLICT", "This company publishes that stream; its subscriber does this.");
  if (agreement.status !== "approved" && agreement.status !== "active")
    throw new MeshError("CONFLICT", `The agreement is ${agreement.status}, and not in force.`);
  if (agreement.delivery !== "pull")
    throw new MeshError(
      "CONFLICT",
      "The stream of this agreement is pushed by its publisher; it has no link here.",
    );
  const publisher = registry.snapshot.partner(agreement.provider);
  if (publisher === undefined)
    throw new MeshError("NOT_FOUND", `The card of ${agreement.provider} is not accepted here.`);
  const client = clientOf(publisher);
  try {
    return await use({ agreement, publisher, client });
  } catch (error) {
    throw saidByPartner(error);
  } finally {
    await client.close();
  }
}
