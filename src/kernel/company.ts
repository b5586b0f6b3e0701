import type { Classification } from "./contract.ts";
import type { PushGuarantee } from "./delivery.ts";
import type { KafkaSection } from "./kafka-section.ts";

/** A public key as JWK (RFC 7517) with its RFC 7638 thumbprint as `kid`. */
export interface CardKey {
  readonly kid: string;
  /** Ed25519 for `sig`, X25519 for `enc`. */
  readonly use: "sig" | "enc";
  readonly jwk: { readonly kty: "OKP"; readonly crv: "Ed25519" | "X25519"; readonly x: string };
}

/** What a company gives away about itself, signed by itself. */
export interface Card {
  /** Company URN. */
  readonly id: string;
  readonly name: string;
  readonly issuedAt: string;
  readonly serial: number;
  /** Where the company's gateway answers, `https://host:port`. */
  readonly url: string;
  readonly keys: readonly CardKey[];
  /** `sha-256:` and base64 of the TLS key's SubjectPublicKeyInfo digest. */
  readonly pins: readonly string[];
  /** `SHA256:` and unpadded base64 of the RFC 7638 thumbprint of the key that signed the card. */
  readonly fingerprint: string;
}

/** What we think of another company, around its card. */
export interface Partner {
  /** Short local name: replica topics begin with it. */
  readonly name: string;
  readonly card: Card;
  readonly groups: readonly string[];
  /** The highest classification that may leave to it. */
  readonly clearance: Classification;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | undefined;
  readonly competesWith: readonly string[];
  /** Where streams are pushed to; undefined: nothing is pushed to this partner. */
  readonly kafka: PartnerKafka | undefined;
}

/** A partner's own Kafka, as we are let into it. */
export interface PartnerKafka extends KafkaSection {
  /** What the names of our topics there begin with; undefined: our company's id and a dot. */
  readonly topicPrefix: string | undefined;
  readonly delivery: PushGuarantee;
}
