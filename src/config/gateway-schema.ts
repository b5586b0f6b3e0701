import { KAFKA_MEMBERS } from "../document/kafka-section.ts";
import type { KafkaSection } from "../kernel/kafka-section.ts";

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
            ...KAFKA_MEMBERS,
            clientId: { ...text, default: "tiermesh" },
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
        // Processes of this gateway, with the same keys and the same Kafka, that share the partitions of its links.
        processes: { type: "integer", minimum: 1, maximum: 16, default: 1 },
        // Threads that decide on records, beside the one that reads and sends; none: that one does it.
        lanes: { type: "integer", minimum: 0, maximum: 64 },
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
    readonly kafka: KafkaSection;
    readonly replicationFactor: number;
    readonly replicas: { readonly prefix: string };
    readonly processes: number;
    readonly lanes?: number;
  };
}
