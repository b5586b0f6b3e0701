import type { Document } from "../document/document.ts";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSasl, KafkaSettings, KafkaTls } from "../kernel/kafka-settings.ts";
import type { Problem } from "../kernel/problem.ts";
import { Secret } from "../kernel/secret.ts";
import type { GatewayFile, Reference, SaslSection } from "./gateway-schema.ts";
import { describeReference, follow, type References } from "./references.ts";

const TLS = "/spec/kafka/tls";
const SASL = "/spec/kafka/sasl";

/** Every place of the file that refers to something, and what must be found there. */
export const REFERENCES = [
  { pointer: `${TLS}/ca`, secret: false, pem: "CERTIFICATE" },
  { pointer: `${TLS}/cert`, secret: false, pem: "CERTIFICATE" },
  { pointer: `${TLS}/key`, secret: true, pem: "PRIVATE KEY" },
  { pointer: `${SASL}/password`, secret: true, pem: undefined },
  { pointer: `${SASL}/token`, secret: true, pem: undefined },
] as const;

/** The Kafka section with its references followed; undefined when one leads nowhere. */
export function kafkaSettings(
  document: Document,
  { spec }: GatewayFile,
  references: References,
): { readonly settings: KafkaSettings | undefined; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report = (
    severity: Problem["severity"],
    pointer: string,
    rule: string,
    message: string,
    mend: string,
  ) =>
    problems.push({
      severity,
      file: document.file,
      ...document.locate(pointer),
      pointer,
      rule,
      message,
      mend,
    });
  const read = (pointer: string, reference: Reference | undefined): string | undefined => {
    if (reference === undefined) return undefined;
    try {
      const text = follow(reference, references);
      const pem = REFERENCES.find((each) => each.pointer === pointer)?.pem;
      if (pem === undefined || new RegExp(`-----BEGIN [A-Z ]*${pem}-----`).test(text)) return text;
      const message = `In ${describeReference(reference)} there is no PEM block of a ${pem.toLowerCase()}.`;
      report("error", pointer, "gateway.pem", message, "Name a PEM file (RFC 7468).");
    } catch (cause) {
      if (!(cause instanceof MeshError)) throw cause;
      report("error", pointer, "gateway.reference", cause.message, cause.row.mend);
    }
    return undefined;
  };
  const { brokers, clientId, tls, sasl } = spec.kafka;
  if (sasl?.mechanism === "plain" && tls === undefined) {
    const message = "The password would cross the network in clear, because `tls` is not there.";
    report("warning", SASL, "gateway.password-in-clear", message, "Add `tls: {}`, or use scram-sha-512.");
  }
  const settings: KafkaSettings = {
    brokers,
    clientId,
    tls: tls && tlsOf(tls, read),
    sasl: sasl && saslOf(sasl, read, references),
    replicationFactor: spec.replicationFactor,
  };
  return { settings: problems.some(({ severity }) => severity === "error") ? undefined : settings, problems };
}

type Read = (pointer: string, reference: Reference | undefined) => string | undefined;

function tlsOf(tls: NonNullable<GatewayFile["spec"]["kafka"]["tls"]>, read: Read): KafkaTls {
  const key = read(`${TLS}/key`, tls.key);
  return {
    ca: read(`${TLS}/ca`, tls.ca),
    cert: read(`${TLS}/cert`, tls.cert),
    key: key === undefined ? undefined : new Secret(key),
    serverName: tls.serverName,
  };
}

/** A token is read anew for each connection, because it expires; read once here so that a wrong place shows at once. */
function saslOf(sasl: SaslSection, read: Read, references: References): KafkaSasl {
  if (sasl.mechanism === "oauthbearer") {
    read(`${SASL}/token`, sasl.token);
    return { mechanism: sasl.mechanism, token: async () => new Secret(follow(sasl.token, references)) };
  }
  const { mechanism, username } = sasl;
  return { mechanism, username, password: new Secret(read(`${SASL}/password`, sasl.password) ?? "") };
}
