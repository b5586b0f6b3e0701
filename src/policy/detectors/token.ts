import { Buffer } from "node:buffer";
import { type Probe, shape } from "./probe.ts";

/** Where no letter or digit stands before it. */
const at = (start: string): RegExp => new RegExp(`(?<![A-Za-z0-9])${start}`, "g");

/** Keys by the shape that their issuer gives them: how they begin, how many characters are shown, the whole. */
const ISSUED: readonly Probe[] = [
  // AWS access key ids: lasting, temporary, of a service
  shape(at("A(?:KIA|SIA|BIA|CCA)"), 21, /^A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}(?![A-Za-z0-9])/),
  // Google: API key, access token, client secret
  shape(at("AIza"), 40, /^AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/),
  shape(at("ya29[.]"), 26, /^ya29[.][A-Za-z0-9_-]{20}/),
  shape(at("GOCSPX-"), 36, /^GOCSPX-[A-Za-z0-9_-]{28}/),
  // Azure: client secret, storage key, shared access signature
  shape(/[78]Q~/g, 34, /^[78]Q~[A-Za-z0-9_.~-]{31}/),
  shape(/AccountKey=/g, 64, /^AccountKey=[A-Za-z0-9+/]{40}/),
  shape(/SharedAccessKey=/g, 64, /^SharedAccessKey=[A-Za-z0-9+/]{40}/),
  shape(/[?&]sig=/g, 64, /^[?&]sig=[A-Za-z0-9%+/]{40}/),
  // GitHub, GitLab, Slack, npm, PyPI, Stripe
  shape(at("gh[pousr]_"), 41, /^gh[pousr]_[A-Za-z0-9]{36}/),
  shape(at("github_pat_"), 40, /^github_pat_[A-Za-z0-9_]{22}/),
  shape(at("gl[a-z][a-z]"), 32, /^gl(?:pat|ptt|rt|dt|ft|soat|cbt|agent|imt|oas)-[A-Za-z0-9_-]{20}/),
  shape(at("xox[abeoprs]-"), 24, /^xox[abeoprs]-[A-Za-z0-9-]{10}/),
  shape(/hooks[.]slack[.]com/g, 48, /^hooks[.]slack[.]com\/(?:services|workflows)\/[A-Za-z0-9/]{20}/),
  shape(at("npm_"), 41, /^npm_[A-Za-z0-9]{36}/),
  shape(at("pypi-AgE"), 40, /^pypi-AgE[A-Za-z0-9_-]{16}/),
  shape(at("[rs]k_live_"), 32, /^[rs]k_live_[A-Za-z0-9]{20}/),
];

/** RFC 7519 and RFC 7516 §7.1: at least three parts, of which the second may be empty in a JWE; the header is bounded. */
const JWT_FORM = /^(eyJ[A-Za-z0-9_-]{1,2045})[.][A-Za-z0-9_-]*[.]?/;

/**
 * What lets its holder in: JSON web tokens whose first part is JSON with `alg`, keys of known issuers, `Bearer` and `Basic` as in
 * an Authorization header, and URLs with a password (`://user:password@`). Hashes and random ids have no shape and are none.
 */
export const TOKEN: readonly Probe[] = [
  ...ISSUED,
  {
    start: /(?<![A-Za-z0-9_-])eyJ/g,
    reach: 2200,
    find: (piece) => {
      const [found, header = ""] = JWT_FORM.exec(piece) ?? [];
      return found !== undefined && namesAlgorithm(header) ? found : undefined;
    },
  },
  shape(/(?<![A-Za-z0-9])bearer[ :=]/gi, 32, /^bearer[ :=]{1,3}[A-Za-z0-9._~+/-]{16}/i),
  shape(/(?<![A-Za-z0-9])authorization/gi, 48, /^authorization\W{1,6}basic [A-Za-z0-9+/=]{8}/i),
  shape(/:\/\//g, 400, /^:\/\/[^\s/?#@:]{0,128}:[^\s/?#@]{1,256}@/),
];

function namesAlgorithm(header: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && "alg" in value;
  } catch {
    return false;
  }
}
