import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import type { CallingPartner, Refusal } from "../../src/http/access.ts";
import { type PartnerClient, partnerClient } from "../../src/http/client.ts";
import { createServer } from "../../src/http/server.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import { createKeys, type KeyRing, keyFiles, readKeys } from "../../src/tenants/keys.ts";

export const OWNER = "urn:x-test:publisher";

/** A gateway on a port of the system's choice, and what it reported. */
export interface RunningGateway {
  readonly url: string;
  readonly server: FastifyInstance;
  readonly ring: KeyRing;
  /** Pin → who holds the key; a test may change it while the server runs. */
  readonly partners: Map<string, CallingPartner>;
  readonly refusals: Refusal[];
  readonly defects: unknown[];
}

export async function freshRing(): Promise<KeyRing> {
  const files = keyFiles(await createKeys());
  return readKeys((name) => files.get(name));
}

/** Listens until the test is over. */
export async function startGateway(
  endpoints: readonly Endpoint[],
  prepare: (server: FastifyInstance) => void = () => undefined,
): Promise<RunningGateway> {
  const ring = await freshRing();
  const partners = new Map<string, CallingPartner>();
  const refusals: Refusal[] = [];
  const defects: unknown[] = [];
  const server = await createServer({
    tls: ring.tls,
    endpoints,
    partnerOf: (pin) => partners.get(pin),
    operator: { publicKey: ring.operatorPublicKey, audience: OWNER },
    onRefused: (refusal) => refusals.push(refusal),
    onDefect: (error) => defects.push(error),
  });
  prepare(server);
  await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  const { port } = server.server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, server, ring, partners, refusals, defects };
}

/** A client with these keys that trusts that gateway, or the pins given. Closed when the test is over. */
export function clientOf(
  gateway: RunningGateway,
  ring: KeyRing,
  pins = [gateway.ring.tls.pin],
): PartnerClient {
  const client = partnerClient({ url: gateway.url, pins, tls: ring.tls });
  onTestFinished(() => client.close());
  return client;
}

/** A gateway that knows one partner, and that partner's client. */
export async function startPair(endpoints: readonly Endpoint[]) {
  const gateway = await startGateway(endpoints);
  const partner = await freshRing();
  gateway.partners.set(partner.tls.pin, { id: "urn:x-test:subscriber", name: "subscriber" });
  return { gateway, partner, client: clientOf(gateway, partner) };
}

/** Who calls, and what came. */
export const echo: Endpoint = {
  method: "POST",
  path: "/v1/echo/:word",
  access: "partner",
  handle: async ({ partner, params, query, body }) => ({
    status: 200,
    body: { partner, params: { ...params }, query: { ...query }, body },
  }),
};
export const whoAmI: Endpoint = {
  method: "GET",
  path: "/v1/who",
  access: "partner",
  handle: async ({ partner }) => ({ status: 200, body: { partner } }),
};
export const operate: Endpoint = {
  method: "GET",
  path: "/v1/operator/state",
  access: "operator",
  handle: async () => ({ status: 200, body: { operator: true } }),
};

/** The code that a call fails with, and its context. */
export async function failure(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => assert.fail("The call went through."),
    (thrown: unknown) => thrown,
  );
  assert(error instanceof Error);
  const { code, context } = error as { code?: string; context?: Readonly<Record<string, string | number>> };
  return { code, ...context, error };
}
