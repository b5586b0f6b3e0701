import { generateKeyPairSync, type KeyObject, pbkdf2Sync, randomBytes, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { alterUserScramCredentialsV0, createAclsV3, describeAclsV3 } from "@platformatic/kafka";
import { vi } from "vitest";
import { type Kafka, startKafka } from "../../dev/kafka/broker.ts";
import { BrokerConnection, brokerAddress } from "../../src/kafka/connection.ts";
import { Authority, type Identity } from "./certificates.ts";
import { plainSettings } from "./lab.ts";
import { libraryRequest } from "./library-request.ts";

const SCRAM_ITERATIONS = 4096;
const AUDIENCE = "kafka.helix.example";
const ISSUER = "https://login.helix.example";
const JAAS = "org.apache.kafka.common.security";

/** Numbers of the protocol: what an ACL is on, and what it allows. */
const RESOURCE = { topic: 2, group: 3, cluster: 4, transactionalId: 5 } as const;
const PATTERN = { literal: 3, prefixed: 4 } as const;
const OPERATION = { read: 3, write: 4, create: 5, alter: 7, describe: 8 } as const;
const ALLOW = 3 as const;

/** One right, as docs/push.md lists it. */
export interface Right {
  readonly on: keyof typeof RESOURCE;
  readonly name: string;
  readonly pattern: keyof typeof PATTERN;
  readonly operation: keyof typeof OPERATION;
}

/**
 * A company's Kafka that trusts nobody: listeners with TLS (`TLS`, with a certificate that has `EXPIRED`), mutual TLS (`MUTUAL`),
 * SCRAM-SHA-512 over TLS (`SCRAM`) and signed tokens over TLS (`TOKEN`); whoever has no right may do nothing. The plain
 * listener is its own people's.
 */
export class GuardedKafka {
  readonly kafka: Kafka;
  readonly authority: Authority;
  /** Of a client that the broker's listeners know as `User:CN=aurora`. */
  readonly client: Identity;
  readonly #folder: string;
  readonly #tokenKey: KeyObject;

  private constructor(
    fields: Pick<GuardedKafka, "kafka" | "authority" | "client">,
    folder: string,
    key: KeyObject,
  ) {
    this.kafka = fields.kafka;
    this.authority = fields.authority;
    this.client = fields.client;
    this.#folder = folder;
    this.#tokenKey = key;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<GuardedKafka> {
    const authority = await Authority.make();
    const [server, expired, client] = await Promise.all([
      authority.sign("broker"),
      authority.sign("broker", new Date(Date.now() - 60_000)),
      authority.sign("aurora"),
    ]);
    const folder = mkdtempSync(join(tmpdir(), "tiermesh-guarded-"));
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwks = join(folder, "jwks.json");
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" };
    writeFileSync(jwks, JSON.stringify({ keys: [jwk] }));
    const jwksUrl = pathToFileURL(jwks).href;
    const kafka = await startKafka({
      listeners: { TLS: "SSL", EXPIRED: "SSL", MUTUAL: "SSL", SCRAM: "SASL_SSL", TOKEN: "SASL_SSL" },
      // A file as a source of keys must be allowed by name since Kafka 4.0.
      jvmOptions: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwksUrl}`],
      settings: {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        ...tls("tls", server, authority, "none"),
        ...tls("expired", expired, authority, "none"),
        ...tls("mutual", server, authority, "required"),
        ...tls("scram", server, authority, "none"),
        ...tls("token", server, authority, "none"),
        ...SCRAM_LISTENER,
        ...tokenListener(jwksUrl),
        ...settings,
      },
    });
    const guarded = new GuardedKafka({ kafka, authority, client }, folder, privateKey);
    await guarded.#as(async (connection) => await makeScramUser(connection, "aurora", "right"));
    return guarded;
  }

  /** Lets a principal do what the rights say. */
  async grant(principal: string, rights: readonly Right[]): Promise<void> {
    const acls = rights.map(({ on, name, pattern, operation }) => ({
      resourceType: RESOURCE[on],
      resourceName: name,
      resourcePatternType: PATTERN[pattern],
      principal,
      host: "*",
      operation: OPERATION[operation],
      permissionType: ALLOW,
    }));
    await this.#as(async (connection) => {
      await connection.call("grant rights", libraryRequest(createAclsV3.api), acls);
      // The controller has them; the broker goes by what it has heard of that.
      for (const acl of acls)
        await vi.waitUntil(async () => {
          const { resources } = await connection.call("see rights", libraryRequest(describeAclsV3.api), acl);
          return resources.length > 0;
        }, 10_000);
    });
  }

  /** A signed token (RFC 7519) of ten minutes, with other claims where a test wants it. */
  token(claims: Readonly<Record<string, string | number>> = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = { sub: "aurora", aud: AUDIENCE, iss: ISSUER, iat: now - 60, exp: now + 600, ...claims };
    const signed = `${part({ alg: "RS256", kid: "one", typ: "JWT" })}.${part(body)}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), this.#tokenKey).toString("base64url")}`;
  }

  async stop(): Promise<void> {
    await this.kafka.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #as(run: (connection: BrokerConnection) => Promise<unknown>): Promise<void> {
    const { bootstrap } = this.kafka;
    const connection = await BrokerConnection.open(plainSettings(bootstrap), brokerAddress(bootstrap));
    await run(connection);
    connection.close();
  }
}

const tls = (listener: string, { cert, key }: Identity, { pem }: Authority, clientAuth: string) => ({
  [`listener.name.${listener}.ssl.keystore.type`]: "PEM",
  [`listener.name.${listener}.ssl.keystore.key`]: key,
  [`listener.name.${listener}.ssl.keystore.certificate.chain`]: cert,
  [`listener.name.${listener}.ssl.truststore.type`]: "PEM",
  [`listener.name.${listener}.ssl.truststore.certificates`]: pem,
  [`listener.name.${listener}.ssl.client.auth`]: clientAuth,
});

const SCRAM_LISTENER = {
  "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
  "listener.name.scram.scram-sha-512.sasl.jaas.config": `${JAAS}.scram.ScramLoginModule required;`,
};

const tokenListener = (jwksUrl: string) => ({
  "listener.name.token.sasl.enabled.mechanisms": "OAUTHBEARER",
  "listener.name.token.oauthbearer.sasl.jaas.config": `${JAAS}.oauthbearer.OAuthBearerLoginModule required;`,
  "listener.name.token.oauthbearer.sasl.server.callback.handler.class": `${JAAS}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
  "listener.name.token.oauthbearer.sasl.oauthbearer.jwks.endpoint.url": jwksUrl,
  "listener.name.token.oauthbearer.sasl.oauthbearer.expected.audience": AUDIENCE,
  "listener.name.token.oauthbearer.sasl.oauthbearer.expected.issuer": ISSUER,
});

async function makeScramUser(connection: BrokerConnection, name: string, password: string): Promise<void> {
  const salt = randomBytes(16);
  const saltedPassword = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 64, "sha512");
  const upsertion = { name, mechanism: 2, iterations: SCRAM_ITERATIONS, salt, saltedPassword };
  await connection.call("make a user", libraryRequest(alterUserScramCredentialsV0.api), [], [upsertion]);
}
