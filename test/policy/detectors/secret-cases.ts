import { Buffer } from "node:buffer";
import type { DetectorName } from "../../../src/kernel/screen.ts";

export interface Cases {
  readonly found: readonly string[];
  /** Near misses. */
  readonly none: readonly string[];
}

/** A token of RFC 7519 §3.1, its header as given. */
const jwt = (header: object): string =>
  [JSON.stringify(header), '{"iss":"joe"}', "signature"]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");

/** Written in two pieces, so that no one who looks for secrets in these sources finds one. */
const key = (start: string, rest: string): string => start + rest;

/** Made up, and examples of the standards. */
export const SECRETS: Readonly<Record<Extract<DetectorName, "private-key" | "token">, Cases>> = {
  "private-key": {
    found: [
      key("-----BEGIN ", "PRIVATE KEY-----"),
      key("-----BEGIN RSA ", "PRIVATE KEY-----\\nMIIE"),
      key("-----BEGIN OPENSSH ", "PRIVATE KEY-----"),
      key("---- BEGIN SSH2 ENCRYPTED ", "PRIVATE KEY ----"),
      key("-----BEGIN PGP ", "PRIVATE KEY BLOCK-----"),
      key("PuTTY-User-Key-", "File-3: ssh-ed25519"),
      key("AGE-SECRET-", `KEY-1${"Q".repeat(58)}`),
      key("b3BlbnNza", "C1rZXktdjEAAAAA"),
      key("MIIEvQI", "BADANBgkqhkiG9w0BAQEFAASCBKcw"),
      key("MIIEpA", "IBAAKCAQEA"),
      `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}`,
      `{\\"kty\\":\\"oct\\",\\"k\\" : \\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T\\"}`,
    ],
    none: [
      "-----BEGIN PUBLIC KEY-----",
      "-----BEGIN CERTIFICATE-----",
      "the PRIVATE KEY",
      "BEGIN the PRIVATE KEY",
      `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
      `{"d":"short"}`,
      "MIIDdzCCAl8CAQAw",
    ],
  },
  token: {
    found: [
      jwt({ alg: "HS256", typ: "JWT" }),
      `token=${jwt({ typ: "JWT", alg: "none" })};`,
      key("AKIA", "IOSFODNN7EXAMPLE"),
      key("AIza", "a".repeat(35)),
      key("ya29.", "a".repeat(20)),
      key("GOCSPX-", "a".repeat(28)),
      key("abc8Q~", "a".repeat(31)),
      key("AccountKey=", `${"A".repeat(86)}==`),
      key("SharedAccessKey=", `${"A".repeat(43)}=`),
      key("https://x.example/c?sv=1&sig=", "A".repeat(43)),
      key("ghp_", "a".repeat(36)),
      key("github_pat_", "a".repeat(82)),
      key("glpat-", "a".repeat(20)),
      key("xoxb-", "1234567890-abc"),
      key("hooks.slack.com/", "services/T00000000/B00000000/XXXX"),
      key("npm_", "a".repeat(36)),
      key("pypi-AgE", "a".repeat(30)),
      key("sk_live_", "a".repeat(24)),
      key("Bearer ", "mF_9.B5f-4.1JqM1"),
      key("Authorization: ", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
      key("postgres://app:", "s3cret@db.example/app"),
      key("redis://:", "s3cret@cache.example"),
    ],
    none: [
      jwt({ typ: "JWT" }),
      "eyJub3QgYSBqc29u.eyJh.x",
      "eyJ",
      key("AKIA", "IOSFODNN7EXAMPL"),
      key("xAKIA", "IOSFODNN7EXAMPLE"),
      key("ghp_", "a".repeat(35)),
      "the bearer of this letter",
      "Basic information",
      "https://example.com:8443/a@b",
      "https://user@example.com/",
      "d3b07384d113edec49eaa6238ad5ff00d3b07384d113edec49eaa6238ad5ff00",
    ],
  },
};
