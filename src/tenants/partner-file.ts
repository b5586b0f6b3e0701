import { posix } from "node:path";
import { type Document, readDocument } from "../document/document.ts";
import { checkShape, compileShape } from "../document/shape.ts";
import type { Card, Partner } from "../kernel/company.ts";
import { CLASSIFICATIONS, type Classification } from "../kernel/contract.ts";
import type { Json } from "../kernel/json.ts";
import type { Problem } from "../kernel/problem.ts";
import { readCard } from "./card.ts";
import { API_VERSION } from "./card-shape.ts";
import { closed } from "./closed-object.ts";
import { type Finding, isError, problemOf } from "./finding.ts";
import {
  checkPartnerKafka,
  PARTNER_KAFKA_SHAPE,
  type PartnerKafkaFile,
  partnerKafka,
  partnerSecrets,
} from "./partner-kafka.ts";

/** The files beside a document, by the paths that it names them by; undefined: there is none. */
export interface Companions {
  read(relativePath: string): Uint8Array | undefined;
}

const NAMES = { type: "array", items: { type: "string", minLength: 1, maxLength: 128 }, maxItems: 100 };
const DEFAULT_CLEARANCE: Classification = "internal";

/** File formats, "Card, partner". The name begins replica topics, so that it has no dot. */
const PARTNER_SHAPE = compileShape(
  closed({
    apiVersion: { const: API_VERSION },
    kind: { const: "Partner" },
    metadata: closed({ name: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" } }),
    spec: closed(
      {
        card: { type: "string", minLength: 1, maxLength: 200 },
        fingerprint: { type: "string", pattern: "^SHA256:[A-Za-z0-9+/]{43}$" },
      },
      {
        groups: NAMES,
        clearance: { enum: CLASSIFICATIONS },
        country: { type: "string", pattern: "^[A-Z]{2}$" },
        competesWith: NAMES,
        kafka: PARTNER_KAFKA_SHAPE,
      },
    ),
  }),
  "partner",
);

interface PartnerFile {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly card: string;
    readonly fingerprint: string;
    readonly groups?: readonly string[];
    readonly clearance?: Classification;
    readonly country?: string;
    readonly competesWith?: readonly string[];
    readonly kafka?: PartnerKafkaFile;
  };
}

/** Reads what we think of a partner, and the card beside it, whose fingerprint must be the one that the file says. */
export function readPartner(
  document: Document,
  companions: Companions,
): { readonly partner: Partner | undefined; readonly problems: readonly Problem[] } {
  const literals = partnerSecrets(document);
  const hidden = new Set(literals.map(({ pointer }) => pointer));
  const shaped = checkShape(document, PARTNER_SHAPE).filter(({ pointer }) => !hidden.has(pointer));
  const misshapen = [...literals, ...shaped];
  if (misshapen.length > 0) return { partner: undefined, problems: [...document.warnings, ...misshapen] };
  const file = document.value as unknown as PartnerFile;
  const { card, problems: ofCard } = readCompanionCard(document, file, companions);
  const findings = card === undefined ? [] : checkFingerprint(file, card);
  const problems = [
    ...document.warnings,
    ...ofCard,
    ...checkPartnerKafka(document, file.spec.kafka),
    ...findings.map((finding) => problemOf(document, finding)),
  ];
  const partner = card !== undefined && !problems.some(isError) ? toPartner(file, card) : undefined;
  return { partner, problems };
}

/** A partner's file to write; what is not given has its default. */
export function partnerDocument(fields: {
  readonly name: string;
  /** Path of the card beside it. */
  readonly card: string;
  readonly fingerprint: string;
  readonly groups?: readonly string[];
  readonly clearance?: Classification;
  readonly country?: string;
}): Json {
  const { name, card, fingerprint, groups = [], clearance = DEFAULT_CLEARANCE, country } = fields;
  return {
    apiVersion: API_VERSION,
    kind: "Partner",
    metadata: { name },
    spec: { card, fingerprint, groups, clearance, ...(country === undefined ? {} : { country }) },
  };
}

function toPartner({ metadata, spec }: PartnerFile, card: Card): Partner {
  const { groups = [], clearance = DEFAULT_CLEARANCE, country, competesWith = [] } = spec;
  const kafka = spec.kafka && partnerKafka(spec.kafka);
  return { name: metadata.name, card, groups, clearance, country, competesWith, kafka };
}

function readCompanionCard(
  document: Document,
  { spec }: PartnerFile,
  companions: Companions,
): { readonly card: Card | undefined; readonly problems: readonly Problem[] } {
  const fault = isBeside(spec.card)
    ? undefined
    : "The card's path leads out of the folder of the partner's file.";
  const bytes = fault === undefined ? companions.read(spec.card) : undefined;
  if (bytes === undefined) {
    const message = fault ?? "The card that the partner's file names is not there.";
    const mend = "Put the card beside the partner's file and name it by its relative path.";
    return {
      card: undefined,
      problems: [problemOf(document, { pointer: "/spec/card", rule: "partner.card", message, mend })],
    };
  }
  const read = readDocument(bytes, posix.join(posix.dirname(document.file), spec.card));
  return read.ok ? readCard(read.value) : { card: undefined, problems: read.fault };
}

/** Relative, with no way up: a file from outside must not choose what is read. */
function isBeside(path: string): boolean {
  const segments = path.split("/");
  return !/[\\\0:]/.test(path) && segments.every((segment) => segment !== "" && segment !== "..");
}

function checkFingerprint({ spec }: PartnerFile, card: Card): Finding[] {
  if (spec.fingerprint === card.fingerprint) return [];
  return [
    {
      pointer: "/spec/fingerprint",
      rule: "partner.fingerprint",
      message: `The fingerprint given is ${spec.fingerprint}, but the card of ${card.id} has ${card.fingerprint}.`,
      mend: "Have the partner read its fingerprint aloud; if it is not the card's, somebody changed the card on its way.",
    },
  ];
}
