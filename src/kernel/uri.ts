/**
 * How a company is named (RFC 8141): scheme → what may follow. One spelling each, so that two names of one company can't
 * differ by case; no space, so that names can stand in a list.
 */
const SCHEMES: readonly (readonly [prefix: RegExp, id: RegExp])[] = [
  // Business partner number of a legal entity (Catena-X CX-0010).
  [/^urn:bpn:/, /^BPNL[0-9A-Z]{12}$/],
  [/^urn:duns:/, /^[0-9]{9}$/],
  // GS1 General Specifications: Global Location Number.
  [/^urn:gln:/, /^[0-9]{13}$/],
  // Agreed between companies (RFC 8141 §5.1 keeps `x-` for experiments).
  [/^urn:x-[a-z0-9-]{1,30}:/, /^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,62}[A-Za-z0-9])?$/],
];

/** Is this the URN of a company: `urn:bpn:BPNL…`, `urn:duns:…`, `urn:gln:…` or `urn:x-SCHEME:…`? */
export const isCompanyId = (text: string): boolean =>
  SCHEMES.some(([prefix, id]) => prefix.test(text) && id.test(text.replace(prefix, "")));

/** The id without `urn:…:`, as payloads name the company; text that is no such URN as it is. */
export const localId = (urn: string): string => urn.replace(/^urn:[a-z0-9-]+:/, "");
