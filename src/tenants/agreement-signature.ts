import assert from "node:assert/strict";
import type { Agreement, AgreementSignature, AgreementStatus } from "../kernel/agreement.ts";
import type { CardKey } from "../kernel/company.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";
import type { Problem } from "../kernel/problem.ts";
import { JWS_FAULTS, signDetached, verifyDetached } from "./jws.ts";
import type { KeyRing } from "./key-ring.ts";

/**
 * The agreement signed by the company of the ring: a detached JWS over the RFC 8785 form of all but status and signatures.
 * A signature that the company had is replaced. `signedAt` is RFC 3339; its second is part of what is signed.
 */
export function signAgreement(json: Json, ring: KeyRing, company: string, signedAt: string): Json {
  const document = membersOf(json);
  const { kid, jws } = signDetached(termsOf(json), ring, secondsOf(signedAt));
  const signature = { company, kid, signedAt, jws };
  const others = signaturesOf(document).filter((other) => other.company !== company);
  return { ...document, signatures: [...others.map((other) => ({ ...other })), signature] };
}

/** The same agreement in another state; nobody signs the state. */
export const withStatus = (json: Json, status: AgreementStatus): Json => ({ ...membersOf(json), status });

/** What is signed: all but status and signatures. */
export function termsOf(json: Json): Json {
  const { status: _status, signatures: _signatures, ...terms } = membersOf(json);
  return terms;
}

/**
 * Who of the parties signed. `json` is the file that `agreement` was read from. `keysOf` gives the keys of every card of
 * the company that was ever accepted and not taken back, so that a rotation does not end agreements; none for a stranger.
 */
export function checkSignatures(
  json: Json,
  agreement: Agreement,
  keysOf: (company: string) => readonly CardKey[],
): { readonly signedBy: ReadonlySet<string>; readonly problems: readonly Problem[] } {
  const terms = termsOf(json);
  const parties: readonly string[] = [agreement.provider, agreement.consumer];
  const signedBy = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, signature] of signaturesOf(membersOf(json)).entries()) {
    const fault = parties.includes(signature.company)
      ? faultOf(signature, terms, keysOf(signature.company))
      : "Its company is no party of the agreement.";
    if (fault === undefined) signedBy.add(signature.company);
    else problems.push(problemOfSignature(agreement, index, fault));
  }
  return { signedBy, problems };
}

function faultOf(signature: AgreementSignature, terms: Json, keys: readonly CardKey[]): string | undefined {
  const key = keys.find(({ kid, use }) => use === "sig" && kid === signature.kid);
  if (key === undefined) return "No accepted card of the company has a key of that kid for sig.";
  const verified = verifyDetached(signature.jws, terms, key);
  if (!verified.ok) return JWS_FAULTS[verified.fault];
  const { iat } = verified.value;
  const isSameTime = iat === undefined || iat === secondsOf(signature.signedAt);
  return isSameTime ? undefined : "The time of signing is not the one that was signed.";
}

/** Seconds since 1970 (RFC 7519 §2, NumericDate). */
const secondsOf = (time: string): number => Math.floor(Date.parse(time) / 1000);

const problemOfSignature = ({ id }: Agreement, index: number, fault: string): Problem => ({
  severity: "error",
  file: `agreement ${id}`,
  line: 1,
  column: 1,
  pointer: `/signatures/${index}`,
  rule: "agreement.signature",
  message: `A signature of the agreement does not count. ${fault}`,
  mend: "Ask the company to sign again; if it did, compare its card's fingerprint by voice.",
});

function membersOf(json: Json): JsonMembers {
  assert(json !== null && typeof json === "object" && !Array.isArray(json), "An agreement is an object.");
  return json as JsonMembers;
}

/** As `readAgreement` found them in shape. */
const signaturesOf = ({ signatures }: JsonMembers): readonly AgreementSignature[] =>
  (signatures ?? []) as unknown as readonly AgreementSignature[];
