/** A secret, or a text of several lines, that stands elsewhere. */
const reference = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    file: { type: "string", minLength: 1 },
    env: { type: "string", minLength: 1 },
  },
} as const;

const text = { type: "string", minLength: 1, maxLength: 200 } as const;

/** Shape of gateway.yaml, with every default. What a string must look like besides is in `CHECKS` of the reader. */
export const GATEWAY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["apiVersion", "kind", "metadata", "spec"],
  properties: {
    apiVersion: { const: "tiermesh/v1" },
    kind: { const: "Gateway" },
    metadata: {
      type: "object",
      additionalProperties: false,
      required: ["company", "name"],
      properties: { company: text, name: text },
    },
    spec: {
      type: "object",
      additionalProperties: false,
      required: ["listen", "url", "kafka"],
      properties: {
        listen: text,
        url: text,
        kafka: {
          type: "object",
          additionalProperties: false,
          required: ["brokers"],
          properties: {
            brokers: { type: "array", minItems: 1, maxItems: 100, uniqueItems: true, items: text },
            clientId: { ...text, default: "tiermesh" },
            tls: {
              type: "object",
              additionalProperties: false,
              dependentRequired: { cert: ["key"], key: ["cert"] },
              properties: { ca: reference, cert: reference, key: reference, serverName: text },
            },
            sasl: {
              type: "object",
              required: ["mechanism"],
              discriminator: { propertyName: "mechanism" },
              oneOf: [
                {
                  additionalProperties: false,
                  required: ["username", "password"],
                  properties: {
                    mechanism: { enum: ["plain", "scram-sha-256", "scram-sha-512"] },
                    username: text,
                    password: reference,
                  },
                },
                {
                  additionalProperties: false,
                  required: ["token"],
                  properties: { mechanism: { const: "oauthbearer" }, token: reference },
                },
              ],
            },
          },
        },
        // −1: as the brokers have it by themselves (KIP-464).
        replicationFactor: { type: "integer", minimum: -1, maximum: 100, not: { const: 0 }, default: -1 },
        replicas: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: { prefix: { type: "string", maxLength: 100, default: "" } },
        },
        policy: {
          type: "object",
          additionalProperties: false,
          properties: { modules: { type: "array", maxItems: 50, uniqueItems: true, items: text } },
        },
      },
    },
  },
} as const;

/** What the schema makes of a file that keeps it, with the defaults filled in. */
export interface GatewayFile {
  readonly metadata: { readonly company: string; readonly name: string };
  readonly spec: {
    readonly listen: string;
    readonly url: string;
    readonly kafka: {
      readonly brokers: readonly string[];
      readonly clientId: string;
      readonly tls?: {
        readonly ca?: Reference;
        readonly cert?: Reference;
        readonly key?: Reference;
        readonly serverName?: string;
      };
      readonly sasl?: SaslSection;
    };
    readonly replicationFactor: number;
    readonly replicas: { readonly prefix: string };
  };
}
export type Reference = { readonly file: string } | { readonly env: string };
export type SaslSection =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: Reference;
    }
  | { readonly mechanism: "oauthbearer"; readonly token: Reference };
