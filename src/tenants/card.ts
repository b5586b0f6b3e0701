import { Buffer } from "node:buffer";
import type { Document } from "../document/document.ts";
import { checkShape } from "../document/shape.ts";
import type { Card, CardKey } from "../kernel/company.ts";
import type { Json } from "../kernel/json.ts";
import type { Problem } from "../kernel/problem.ts";
import { isCompanyId } from "../kernel/uri.ts";
import { API_VERSION, CARD_SHAPE, type CardFile } from "./card-shape.ts";
import { type Finding, problemOf } from "./finding.ts";
import { JWS_FAULTS, signDetached, verifyDetached } from "./jws.ts";
import type { KeyRing } from "./key-ring.ts";
import { fingerprintOf, publicKeyFault } from "./public-key.ts";

/** What a company says of itself besides its keys. */
export interface CardFields {
  /** Company URN. */
  readonly id: string;
  readonly name: string;
  /** `https://host:port` of its gateway. */
  readonly url: string;
  /** From 1; a newer card has a higher one. */
  readonly serial: number;
  /** RFC 3339. */
  readonly issuedAt: string;
}

/**
 * The company's card with the keys of the ring, signed by its signing key. `earlier` are keys of the card before that stay
 * valid: a rotation lists both, signs with the old ring, and drops the old key one serial later.
 */
export function makeCard(ring: KeyRing, fields: CardFields, earlier: readonly CardKey[] = []): Json {
  const { id, name, url, serial, issuedAt } = fields;
  const keys = [...ring.publicKeys, ...earlier].map(({ kid, use, jwk }) => ({ kid, use, jwk: { ...jwk } }));
  const rest = {
    apiVersion: API_VERSION,
    kind: "Card",
    metadata: { id, name, issuedAt, serial },
    spec: { url, keys, tls: { pins: [ring.tls.pin] } },
  };
  return { ...rest, signature: signDetached(rest, ring) };
}

/**
 * Reads a card and checks that it was signed by a key that it lists. It then is what its fingerprint's owner says; whether
 * that is the company it names, only the voice on the phone can tell.
 */
export function readCard(document: Document): {
  readonly card: Card | undefined;
  readonly problems: readonly Problem[];
} {
  const misshapen = checkShape(document, CARD_SHAPE);
  if (misshapen.length > 0) return { card: undefined, problems: [...document.warnings, ...misshapen] };
  const file = document.value as unknown as CardFile;
  const findings = [...checkMetadata(file), ...checkUrl(file), ...checkKeys(file), ...checkPins(file)];
  // A key that is refused proves nothing, so the signature is looked at last.
  if (findings.length === 0) findings.push(...checkSignature(file, document.value));
  const problems = [...document.warnings, ...findings.map((finding) => problemOf(document, finding))];
  return { card: findings.length === 0 ? toCard(file) : undefined, problems };
}

function toCard({ metadata, spec, signature }: CardFile): Card {
  const { id, name, issuedAt, serial } = metadata;
  const fingerprint = fingerprintOf(signature.kid);
  return { id, name, issuedAt, serial, url: spec.url, keys: spec.keys, pins: spec.tls.pins, fingerprint };
}

function checkMetadata({ metadata }: CardFile): Finding[] {
  if (isCompanyId(metadata.id)) return [];
  return [
    {
      pointer: "/metadata/id",
      rule: "card.company",
      message: "The id is not the URN of a company.",
      mend: "Write `urn:bpn:BPNL…`, `urn:duns:…`, `urn:gln:…` or `urn:x-SCHEME:…`.",
    },
  ];
}

/** An origin and no more: whatever stood behind it could point requests at another service of that host. */
function checkUrl({ spec }: CardFile): Finding[] {
  const url = URL.canParse(spec.url) ? new URL(spec.url) : undefined;
  const isOrigin = url?.protocol === "https:" && url.hostname !== "" && url.href === `${url.origin}/`;
  if (isOrigin) return [];
  return [
    {
      pointer: "/spec/url",
      rule: "card.url",
      message: "The URL is not https with a host and perhaps a port, and nothing else.",
      mend: "Write `https://host:port`.",
    },
  ];
}

function checkKeys({ spec }: CardFile): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, key] of spec.keys.entries()) {
    const fault =
      publicKeyFault(key) ?? (seen.has(key.kid) ? "The card lists the same key twice." : undefined);
    seen.add(key.kid);
    const pointer = `/spec/keys/${index}`;
    const mend = "Ask the company for a card made by `tiermesh card`.";
    if (fault !== undefined) findings.push({ pointer, rule: "card.key", message: fault, mend });
  }
  for (const use of ["sig", "enc"] as const) {
    if (spec.keys.some((key) => key.use === use)) continue;
    const message = `The card lists no key for ${use}.`;
    findings.push({
      pointer: "/spec/keys",
      rule: "card.key",
      message,
      mend: "A card has one key for sig and one for enc.",
    });
  }
  return findings;
}

function checkPins({ spec }: CardFile): Finding[] {
  return spec.tls.pins.flatMap((pin, index) => {
    const base64 = pin.slice("sha-256:".length);
    if (Buffer.from(base64, "base64").toString("base64") === base64) return [];
    const message = "The pin is not the one base64 spelling of 32 bytes.";
    return [
      { pointer: `/spec/tls/pins/${index}`, rule: "card.pin", message, mend: "Copy it from the card anew." },
    ];
  });
}

function checkSignature({ spec, signature }: CardFile, value: Json): Finding[] {
  const { signature: _signature, ...rest } = value as Readonly<Record<string, Json>>;
  const key = spec.keys.find(({ kid, use }) => kid === signature.kid && use === "sig");
  const verified = key && verifyDetached(signature.jws, rest, key);
  if (verified?.ok) return [];
  const message =
    verified === undefined
      ? "The card is signed by a key that it does not list for sig."
      : `The card's signature is not valid. ${JWS_FAULTS[verified.fault]}`;
  return [
    {
      pointer: "/signature",
      rule: "card.signature",
      message,
      mend: "Ask the company for its card again; do not edit it.",
    },
  ];
}
