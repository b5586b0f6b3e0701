/** A host and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$/;

/** `HOST:PORT`, or `[IPv6]:PORT` (RFC 3986 §3.2.2); undefined when it is neither. */
export function readAddress(text: string): Address | undefined {
  const [, ipv6, name, digits] = ADDRESS.exec(text) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** Whether a text is `https://HOST[:PORT]` and nothing more: no user, path, query or fragment. */
export function isGatewayUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname } = new URL(text);
  return protocol === "https:" && username + password === "" && pathname === "/" && !/[?#@]/.test(text);
}
