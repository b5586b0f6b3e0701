import { MeshError } from "../kernel/error.ts";
import type { KafkaSection, Reference, SaslSection, TlsSection } from "../kernel/kafka-section.ts";
import type { KafkaSasl, KafkaSettings, KafkaTls } from "../kernel/kafka-settings.ts";
import type { Problem } from "../kernel/problem.ts";
import { Secret } from "../kernel/secret.ts";
import type { Document } from "./document.ts";
import { describeReference, follow, REFERENCE_SCHEMA, type References } from "./reference.ts";
import { valueAt } from "./shape.ts";

const text = { type: "string", minLength: 1, maxLength: 200 } as const;

/** Members of a `kafka:` section, JSON Schema each; the same in every document that has one. */
export const KAFKA_MEMBERS = {
  brokers: { type: "array", minItems: 1, maxItems: 100, uniqueItems: true, items: text },
  tls: {
    type: "object",
    additionalProperties: false,
    dependentRequired: { cert: ["key"], key: ["cert"] },
    properties: { ca: REFERENCE_SCHEMA, cert: REFERENCE_SCHEMA, key: REFERENCE_SCHEMA, serverName: text },
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
          password: REFERENCE_SCHEMA,
        },
      },
      {
        additionalProperties: false,
        required: ["token"],
        properties: { mechanism: { const: "oauthbearer" }, token: REFERENCE_SCHEMA },
      },
    ],
  },
} as const;

const SECTION = "/spec/kafka";

/** Every place of the section that refers to something, and what must be found there. */
const REFERENCES = [
  { at: "tls/ca", secret: false, pem: "CERTIFICATE" },
  { at: "tls/cert", secret: false, pem: "CERTIFICATE" },
  { at: "tls/key", secret: true, pem: "PRIVATE KEY" },
  { at: "sasl/password", secret: true, pem: undefined },
  { at: "sasl/token", secret: true, pem: undefined },
] as const;
type ReferencePlace = (typeof REFERENCES)[number]["at"];

/** The references that stand in a document, by their pointers. */
export const referencesIn = ({
  value,
}: Document): readonly { readonly pointer: string; readonly reference: Reference }[] =>
  REFERENCES.flatMap(({ at }) => {
    const pointer = `${SECTION}/${at}`;
    const reference = valueAt(value, pointer);
    return typeof reference === "object" && reference !== null && !Array.isArray(reference)
      ? [{ pointer, reference: reference as unknown as Reference }]
      : [];
  });

/**
 * A password that somebody wrote into the file: its own words, because it must be changed, not only moved. `rule` is the
 * family of the rules' names.
 */
export const literalSecrets = (document: Document, rule: string): readonly Problem[] =>
  REFERENCES.filter(({ at }) => typeof valueAt(document.value, `${SECTION}/${at}`) === "string").map(
    ({ at, secret }) => ({
      severity: "error",
      file: document.file,
      ...document.locate(`${SECTION}/${at}`),
      pointer: `${SECTION}/${at}`,
      rule: secret ? `${rule}.literal-secret` : `${rule}.literal-text`,
      message: secret
        ? "A secret stands in the file itself, where whoever reads the file reads it."
        : "A certificate stands in the file itself, and not in a file of its own.",
      mend: secret
        ? "Change the secret, put the new one into a file or the environment, and write {file: PATH} or {env: NAME}."
        : "Put it into a file of its own and write {file: PATH}.",
    }),
  );

type Read = (at: ReferencePlace, reference: Reference | undefined) => string | undefined;

/** The section with its references followed, and what is wrong with where they lead; `settings` when nothing is. */
export function checkedKafkaSettings(
  document: Document,
  section: KafkaSection,
  references: References,
  rule: string,
): { readonly settings: Omit<KafkaSettings, "replicationFactor"> | undefined; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const report = (at: ReferencePlace, of: string, message: string, mend: string) => {
    const pointer = `${SECTION}/${at}`;
    const place = document.locate(pointer);
    const { file } = document;
    problems.push({ severity: "error", file, ...place, pointer, rule: `${rule}.${of}`, message, mend });
  };
  const read: Read = (at, reference) => {
    if (reference === undefined) return undefined;
    try {
      const found = follow(reference, references);
      const fault = pemFault(at, reference, found);
      if (fault === undefined) return found;
      report(at, "pem", fault, "Name a PEM file (RFC 7468).");
    } catch (cause) {
      if (!(cause instanceof MeshError)) throw cause;
      report(at, "reference", cause.message, cause.row.mend);
    }
    return undefined;
  };
  const settings = settingsOf(section, read, references);
  return { settings: problems.length > 0 ? undefined : settings, problems };
}

/** The same where it was checked before. Throws FILE_UNREADABLE. */
export const kafkaSettings = (
  section: KafkaSection,
  references: Pick<References, "readFile" | "env">,
): Omit<KafkaSettings, "replicationFactor"> =>
  settingsOf(
    section,
    (at, reference) => {
      if (reference === undefined) return undefined;
      const found = follow(reference, references);
      const fault = pemFault(at, reference, found);
      if (fault !== undefined) throw new MeshError("FILE_UNREADABLE", fault);
      return found;
    },
    references,
  );

function pemFault(at: ReferencePlace, reference: Reference, found: string): string | undefined {
  const pem = REFERENCES.find((each) => each.at === at)?.pem;
  if (pem === undefined || new RegExp(`-----BEGIN [A-Z ]*${pem}-----`).test(found)) return undefined;
  return `In ${describeReference(reference)} there is no PEM block of a ${pem.toLowerCase()}.`;
}

const settingsOf = (
  { brokers, clientId = "tiermesh", tls, sasl }: KafkaSection,
  read: Read,
  references: Pick<References, "readFile" | "env">,
): Omit<KafkaSettings, "replicationFactor"> => ({
  brokers,
  clientId,
  tls: tls && tlsOf(tls, read),
  sasl: sasl && saslOf(sasl, read, references),
});

function tlsOf(tls: TlsSection, read: Read): KafkaTls {
  const key = read("tls/key", tls.key);
  return {
    ca: read("tls/ca", tls.ca),
    cert: read("tls/cert", tls.cert),
    key: key === undefined ? undefined : new Secret(key),
    serverName: tls.serverName,
  };
}

/** A token is read anew for each connection, because it expires; read once here so that a wrong place shows at once. */
function saslOf(sasl: SaslSection, read: Read, references: Pick<References, "readFile" | "env">): KafkaSasl {
  if (sasl.mechanism === "oauthbearer") {
    read("sasl/token", sasl.token);
    return { mechanism: sasl.mechanism, token: async () => new Secret(follow(sasl.token, references)) };
  }
  const { mechanism, username } = sasl;
  return { mechanism, username, password: new Secret(read("sasl/password", sasl.password) ?? "") };
}
