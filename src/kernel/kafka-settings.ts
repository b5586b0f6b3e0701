import type { Secret } from "./secret.ts";

/** How to reach the company's own Kafka. Built from gateway.yaml with every reference resolved. */
export interface KafkaSettings {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls: KafkaTls | undefined;
  readonly sasl: KafkaSasl | undefined;
  /** For topics that the gateway makes. */
  readonly replicationFactor: number;
}

/** PEM texts. Certificates are always verified. */
export interface KafkaTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: Secret | undefined;
  readonly serverName: string | undefined;
}

export type KafkaSasl =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: Secret;
    }
  | {
      readonly mechanism: "oauthbearer";
      /** Called for each new connection; RFC 7628. */
      readonly token: () => Promise<Secret>;
    };
