import assert from "node:assert/strict";
import { createPublicKey, type KeyObject, sign } from "node:crypto";
import type { CardKey } from "../kernel/company.ts";
import type { FieldKeys, OpaqueKeys, PseudonymKeys } from "../kernel/ports.ts";
import type { Secret } from "../kernel/secret.ts";
import { pseudonymKeys } from "./derived-keys.ts";
import { epoch, privateKey, secretKey, tlsCertificate, tlsKey } from "./key-text.ts";
import type { KeyFile } from "./keys.ts";
import { type LaneSecrets, laneKeys } from "./lane-keys.ts";
import { cardKey } from "./public-key.ts";

/** A company's own keys, each for one use. Nothing in it prints a secret. */
export interface KeyRing extends FieldKeys {
  /** RFC 7638 thumbprints of the two public keys. */
  readonly signKid: string;
  readonly encKid: string;
  /** Ed25519 (RFC 8032) over the bytes as they are: 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
  readonly signingKey: KeyObject;
  /** X25519 private key: opens what partners encrypted for this company. */
  readonly decryptionKey: KeyObject;
  /** AES-256. */
  readonly cursorKey: KeyObject;
  /** The pseudonym keys of another epoch than the present one, from the same master. */
  pseudonymsAt(epoch: number): PseudonymKeys;
  readonly opaque: OpaqueKeys;
  /** For the threads of this process that decide on records. */
  readonly laneSecrets: LaneSecrets;
  readonly tls: { readonly key: Secret; readonly cert: string; readonly pin: string };
  /** Ed25519: the CLI signs with the one, the server checks with the other. */
  readonly operatorKey: KeyObject;
  readonly operatorPublicKey: KeyObject;
  /** What the card says of these keys. */
  readonly publicKeys: readonly CardKey[];
}

/** Reads one file of keys/ and parses it, or throws. */
type ReadKey = <Key>(name: KeyFile, parse: (text: string) => Key | undefined) => Key;

/** Puts the ring together from its files. */
export function keyRing(read: ReadKey): KeyRing {
  const signingKey = read("signing.jwk.json", privateKey("ed25519"));
  const decryptionKey = read("encryption.jwk.json", privateKey("x25519"));
  const operatorKey = read("operator.jwk.json", privateKey("ed25519"));
  const { pem: key, key: privateTlsKey } = read("tls.key.pem", tlsKey);
  const { pem: cert, pin } = read("tls.cert.pem", tlsCertificate(privateTlsKey));
  const pseudonymMaster = read("pseudonym.key", secretKey);
  const opaqueMaster = read("opaque.key", secretKey);
  const laneSecrets = { pseudonymMaster, pseudonymEpoch: read("pseudonym-epoch", epoch), opaqueMaster };
  const { fields, opaque } = laneKeys(laneSecrets);
  const pseudonymsAt = (at: number): PseudonymKeys => pseudonymKeys(pseudonymMaster, at);
  const publicKeys = [cardKey("sig", publicX(signingKey)), cardKey("enc", publicX(decryptionKey))] as const;
  return {
    signKid: publicKeys[0].kid,
    encKid: publicKeys[1].kid,
    sign: (bytes) => sign(null, bytes, signingKey),
    signingKey,
    decryptionKey,
    cursorKey: read("cursor.key", secretKey),
    ...fields,
    pseudonymsAt,
    opaque,
    laneSecrets,
    tls: { key, cert, pin },
    operatorKey,
    operatorPublicKey: createPublicKey(operatorKey),
    publicKeys,
  };
}

/** The public half of an OKP key, as its JWK has it. */
export function publicX(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  assert(x !== undefined, "An OKP key has a member x.");
  return x;
}
