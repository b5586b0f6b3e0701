import { KeyObject, randomBytes, webcrypto } from "node:crypto";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * A P-256 key and a self-signed certificate around it, both PEM. Partners pin the key (RFC 7469 §2.4), so the certificate
 * names nobody and never expires (RFC 5280 §4.1.2.5: 99991231235959Z).
 */
export async function createTlsIdentity(): Promise<{ readonly key: string; readonly cert: string }> {
  // Needed once in the life of a gateway. tsyringe, inside @peculiar/x509, needs Reflect's metadata before it is loaded.
  await import("reflect-metadata");
  const { X509CertificateGenerator } = await import("@peculiar/x509");
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    name: "CN=tiermesh gateway",
    notBefore: new Date("2020-01-01T00:00:00Z"),
    notAfter: new Date("9999-12-31T23:59:59Z"),
    signingAlgorithm: ALGORITHM,
    keys,
  });
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" });
  return { key: key.toString(), cert: `${certificate.toString("pem")}\n` };
}
