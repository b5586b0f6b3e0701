import { type Probe, shape } from "./probe.ts";

/** A JWK's member, also where the JSON stands inside a JSON string. */
const SECRET_MEMBER = /^\\?"[dk]\\?"\s{0,8}:\s{0,8}\\?"[A-Za-z0-9_-]{20}/;

/**
 * Private keys by their wrapping: PEM, OpenSSH, SSH2 and PGP headers, PuTTY, age; by how they begin in base64 without it (PKCS#1
 * and PKCS#8 RSA, OpenSSH); and the secret member of a JWK (RFC 7518 §6: `d` of RSA, EC and OKP, `k` of oct), at least 20
 * characters. Public keys and certificates are none.
 */
export const PRIVATE_KEY: readonly Probe[] = [
  shape(/BEGIN /g, 64, /^BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/),
  shape(/PuTTY-User-Key-File-/g, 21, /^PuTTY-User-Key-File-\d/),
  shape(/AGE-SECRET-KEY-1/g, 40, /^AGE-SECRET-KEY-1[0-9A-Z]{20}/),
  shape(/b3BlbnNzaC1rZXktdj/g, 18, /^b3BlbnNzaC1rZXktdj/),
  shape(/BADANBgkqhkiG9w0BAQEFAASC/g, 25, /^BADANBgkqhkiG9w0BAQEFAASC/),
  shape(/MII/g, 20, /^MII[A-Za-z0-9+/]{3}IBAAKC/),
  shape(/"[dk]/g, 48, SECRET_MEMBER),
];
