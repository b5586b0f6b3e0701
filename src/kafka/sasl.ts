import {
  type Connection,
  saslAuthenticateV2,
  saslHandshakeV1,
  saslOAuthBearer,
  saslPlain,
  saslScramSha,
} from "@platformatic/kafka";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSasl } from "../kernel/kafka-settings.ts";

type Answer = saslAuthenticateV2.SaslAuthenticateResponse;
type Password = Extract<KafkaSasl, { readonly password: unknown }>;

const { api } = saslAuthenticateV2;

const MECHANISMS = {
  plain: {
    name: "PLAIN",
    exchange: async (connection: Connection, { username, password }: Password) =>
      await saslPlain.authenticate(api, connection, username, password.reveal()),
  },
  "scram-sha-256": {
    name: "SCRAM-SHA-256",
    exchange: async (connection: Connection, { username, password }: Password) =>
      await saslScramSha.authenticate(api, connection, "SHA-256", username, password.reveal()),
  },
  "scram-sha-512": {
    name: "SCRAM-SHA-512",
    exchange: async (connection: Connection, { username, password }: Password) =>
      await saslScramSha.authenticate(api, connection, "SHA-512", username, password.reveal()),
  },
} as const;

/**
 * Authenticates a new connection (Kafka protocol, "SASL Authentication Sequence"). Resolves with how long the broker lets it
 * live, in ms (KIP-368); 0: for ever. Throws what the library throws, and KAFKA_DENIED.
 */
export async function authenticate(connection: Connection, sasl: KafkaSasl): Promise<number> {
  const { sessionLifetimeMs } =
    sasl.mechanism === "oauthbearer"
      ? await withToken(connection, (await sasl.token()).reveal())
      : await withPassword(connection, sasl);
  return Number(sessionLifetimeMs);
}

async function withPassword(connection: Connection, sasl: Password): Promise<Answer> {
  const { name, exchange } = MECHANISMS[sasl.mechanism];
  await saslHandshakeV1.api.async(connection, name);
  return await exchange(connection, sasl);
}

async function withToken(connection: Connection, token: string): Promise<Answer> {
  await saslHandshakeV1.api.async(connection, "OAUTHBEARER");
  const answer = await saslOAuthBearer.authenticate(api, connection, token, {});
  // A broker that refuses a token says so in an answer without an error code (RFC 7628, section 3.2.2).
  if (answer.authBytes.length > 0) throw new MeshError("KAFKA_DENIED", "Kafka refused the token.");
  return answer;
}
