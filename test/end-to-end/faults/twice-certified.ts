import "reflect-metadata";
import { KeyObject, webcrypto } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** One TLS key with two certificates of its own making, all PEM: one is valid, the other has been expired for years. */
export async function twiceCertified(): Promise<{ key: string; valid: string; expired: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const until = async (notAfter: string): Promise<string> => {
    const dates = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date(notAfter) };
    const fields = { name: "CN=tiermesh gateway", signingAlgorithm: ALGORITHM, keys, ...dates };
    return (await X509CertificateGenerator.createSelfSigned(fields)).toString("pem");
  };
  const [valid, expired] = await Promise.all([until("9999-12-31T23:59:59Z"), until("2020-01-02T00:00:00Z")]);
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
  return { key, valid, expired };
}
