import type { Document } from "../document/document.ts";
import { checkedKafkaSettings } from "../document/kafka-section.ts";
import type { References } from "../document/reference.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { Problem } from "../kernel/problem.ts";
import type { GatewayFile } from "./gateway-schema.ts";

const SASL = "/spec/kafka/sasl";

/** The Kafka section with its references followed; undefined when one leads nowhere. */
export function kafkaSettings(
  document: Document,
  { spec }: GatewayFile,
  references: References,
): { readonly settings: KafkaSettings | undefined; readonly problems: readonly Problem[] } {
  const { settings, problems } = checkedKafkaSettings(document, spec.kafka, references, "gateway");
  if (spec.kafka.sasl?.mechanism === "plain" && spec.kafka.tls === undefined)
    problems.push({
      severity: "warning",
      file: document.file,
      ...document.locate(SASL),
      pointer: SASL,
      rule: "gateway.password-in-clear",
      message: "The password would cross the network in clear, because `tls` is not there.",
      mend: "Add `tls: {}`, or use scram-sha-512.",
    });
  return { settings: settings && { ...settings, replicationFactor: spec.replicationFactor }, problems };
}
