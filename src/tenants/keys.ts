import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { MeshError } from "../kernel/error.ts";
import { Secret } from "../kernel/secret.ts";
import { type KeyRing, keyRing, publicX } from "./key-ring.ts";
import { privateKey } from "./key-text.ts";
import { cardKey } from "./public-key.ts";
import type { OpeningKeys } from "./sealed-open.ts";

export type { KeyRing } from "./key-ring.ts";

/** The files of keys/, and what each is for. All are secret but the certificate and the epoch; the CLI writes all with mode 0600. */
export const KEY_FILES = {
  "signing.jwk.json": "Ed25519: signs the card, agreements and frames",
  "encryption.jwk.json": "X25519: what partners wrap keys to",
  "operator.jwk.json": "Ed25519: signs the operator's tokens, nothing else",
  "tls.key.pem": "P-256: proves this gateway on TLS connections, both ways",
  "tls.cert.pem": "the certificate around it",
  "cursor.key": "AES-256: seals cursors",
  "pseudonym.key": "32 bytes: what pseudonym keys are derived from",
  "pseudonym-epoch": "a number: raise it to make all pseudonyms anew",
  "opaque.key":
    "32 bytes: what makes event ids and provenance say nothing, and what content keys are derived from",
} as const;
export type KeyFile = keyof typeof KEY_FILES;

/** The contents of keys/, freshly made. */
export type KeyMaterial = Readonly<Record<KeyFile, Secret>>;

/** Makes every key of a company, from the system's random source. Writes nothing. */
export async function createKeys(): Promise<KeyMaterial> {
  // Loaded here: only `init` makes certificates, and the library is slow to load.
  const { createTlsIdentity } = await import("./tls-identity.ts");
  const tls = await createTlsIdentity();
  return {
    "signing.jwk.json": privateJwk(generateKeyPairSync("ed25519").privateKey),
    "encryption.jwk.json": privateJwk(generateKeyPairSync("x25519").privateKey),
    "operator.jwk.json": privateJwk(generateKeyPairSync("ed25519").privateKey),
    "tls.key.pem": new Secret(tls.key),
    "tls.cert.pem": new Secret(tls.cert),
    "cursor.key": random32(),
    "pseudonym.key": random32(),
    "pseudonym-epoch": new Secret("1\n"),
    "opaque.key": random32(),
  };
}

/** File name in keys/ → content, to be written with mode 0600. */
export function keyFiles(material: KeyMaterial): ReadonlyMap<string, string> {
  return new Map(Object.entries(material).map(([name, content]) => [name, content.reveal()]));
}

/**
 * The keys of a company out of the files of keys/. `read` gives the content of a file by its name, undefined when there is
 * none. Throws KEY_MISSING, naming the file, when one is missing or damaged; the message never quotes it.
 */
export function readKeys(read: (name: string) => string | undefined): KeyRing {
  return keyRing((name, parse) => readKey(name, KEY_FILES[name], read, parse));
}

/** What a company encrypted to earlier keys stays readable as long as they lie beside the present one. */
const OPENING_KEY = /^encryption(?:-[\w.-]{1,64})?\.jwk\.json$/;

/**
 * The private keys that open what partners encrypted for this company: `encryption.jwk.json`, and every
 * `encryption-NAME.jwk.json`, which is how a key is kept after another took its place. `names` are the files of keys/. No other
 * key is needed to read. Throws KEY_MISSING as `readKeys` does.
 */
export function readOpeningKeys(
  names: readonly string[],
  read: (name: string) => string | undefined,
): OpeningKeys {
  const present: KeyFile = "encryption.jwk.json";
  const files = new Set([present, ...names.filter((name) => OPENING_KEY.test(name))]);
  return new Map(
    [...files].map((name) => {
      const key = readKey(name, KEY_FILES[present], read, privateKey("x25519"));
      return [cardKey("enc", publicX(key)).kid, key];
    }),
  );
}

function readKey<Key>(
  name: string,
  purpose: string,
  read: (name: string) => string | undefined,
  parse: (text: string) => Key | undefined,
): Key {
  const text = read(name);
  const path = `keys/${name}`;
  const missing = (detail: string): MeshError =>
    new MeshError("KEY_MISSING", detail, { context: { file: path } });
  if (text === undefined) throw missing(`There is no ${path} (${purpose}).`);
  const parsed = parse(text);
  if (parsed === undefined)
    throw missing(`${path} is damaged: it does not hold what it is for (${purpose}).`);
  return parsed;
}

const privateJwk = (key: KeyObject): Secret =>
  new Secret(`${JSON.stringify(key.export({ format: "jwk" }))}\n`);
const random32 = (): Secret => new Secret(`${randomBytes(32).toString("base64url")}\n`);
