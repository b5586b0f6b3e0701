/** Where a secret, or a text of several lines, stands: a file or a variable of the environment, never the document itself. */
export type Reference = { readonly file: string } | { readonly env: string };

/** How to reach a Kafka, as people write it under `kafka:`; every secret is a reference. */
export interface KafkaSection {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly tls?: TlsSection;
  readonly sasl?: SaslSection;
}

export interface TlsSection {
  readonly ca?: Reference;
  readonly cert?: Reference;
  readonly key?: Reference;
  readonly serverName?: string;
}

export type SaslSection =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: Reference;
    }
  | { readonly mechanism: "oauthbearer"; readonly token: Reference };
