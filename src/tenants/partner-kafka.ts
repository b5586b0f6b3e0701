import { posix } from "node:path";
import type { Document } from "../document/document.ts";
import { KAFKA_MEMBERS, literalSecrets, referencesIn } from "../document/kafka-section.ts";
import type { PartnerKafka } from "../kernel/company.ts";
import { PUSH_GUARANTEES, type PushGuarantee } from "../kernel/delivery.ts";
import type { KafkaSection } from "../kernel/kafka-section.ts";
import type { Problem } from "../kernel/problem.ts";
import { closed } from "./closed-object.ts";
import { type Finding, problemOf } from "./finding.ts";

/** Folder below the gateway's in which the secrets for partners' clusters lie. */
const SECRETS = "secrets/";
/** What the names of variables begin with that may hold them. */
const VARIABLE = /^TIERMESH_[A-Z0-9_]+$/;

/** `spec.kafka` of a partner's file: its cluster, as we are let into it. */
export const PARTNER_KAFKA_SHAPE = closed(
  {
    brokers: {
      ...KAFKA_MEMBERS.brokers,
      items: { type: "string", pattern: "^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):[1-9][0-9]{0,4}$" },
    },
  },
  {
    clientId: { type: "string", minLength: 1, maxLength: 200 },
    tls: KAFKA_MEMBERS.tls,
    sasl: KAFKA_MEMBERS.sasl,
    topicPrefix: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" },
    delivery: { enum: PUSH_GUARANTEES },
  },
);

/** The section as it stands in a file that keeps the shape. */
export interface PartnerKafkaFile extends KafkaSection {
  readonly topicPrefix?: string;
  readonly delivery?: PushGuarantee;
}

/** The section with its defaults. */
export const partnerKafka = (file: PartnerKafkaFile): PartnerKafka => ({
  ...file,
  topicPrefix: file.topicPrefix,
  delivery: file.delivery ?? "exactly-once",
});

/** Secrets that stand in the file itself, to be told before what its shape says of them. */
export const partnerSecrets = (document: Document): readonly Problem[] => literalSecrets(document, "partner");

/**
 * What the section's shape can't say. A reference leads where nothing but secrets for partners lies: whoever may apply files
 * must not be able to send a key of the gateway, or any other file of the machine, to a host of his choice.
 */
export function checkPartnerKafka(document: Document, kafka: PartnerKafkaFile | undefined): Problem[] {
  if (kafka === undefined) return [];
  const problems = referencesIn(document).flatMap(({ pointer, reference }) => {
    const fits = "file" in reference ? isBelow(reference.file, SECRETS) : VARIABLE.test(reference.env);
    return fits ? [] : [problemOf(document, misplaced(pointer))];
  });
  if (kafka.tls === undefined) {
    const inClear = kafka.sasl?.mechanism === "plain" || kafka.sasl?.mechanism === "oauthbearer";
    const severity = inClear ? "error" : "warning";
    problems.push({ ...problemOf(document, inClear ? SECRET_IN_CLEAR : RECORDS_IN_CLEAR), severity });
  }
  return problems;
}

const misplaced = (pointer: string): Finding => ({
  pointer,
  rule: "partner.secret-place",
  message: "The reference does not lead to where secrets for partners' clusters lie.",
  mend: `Put it into a file below ${SECRETS} in the gateway's folder and write {file: ${SECRETS}NAME}, or {env: TIERMESH_NAME}.`,
});

const SECRET_IN_CLEAR: Finding = {
  pointer: "/spec/kafka/sasl",
  rule: "partner.password-in-clear",
  message:
    "The password or token would cross the network to the partner in clear, because `tls` is not there.",
  mend: "Add `tls: {}`, with the partner's authority under `ca` where it is its own.",
};

const RECORDS_IN_CLEAR: Finding = {
  pointer: "/spec/kafka",
  rule: "partner.records-in-clear",
  message: "The records would cross the network to the partner in clear, because `tls` is not there.",
  mend: "Add `tls: {}`, unless the network between the two encrypts by itself.",
};

function isBelow(path: string, folder: string): boolean {
  const isPlain = !/[\\\0]/.test(path) && !path.split("/").includes("..");
  return isPlain && posix.normalize(path).startsWith(folder) && posix.normalize(path).length > folder.length;
}
