import type { Probe } from "./probe.ts";

const LOCAL = /[\p{L}\p{M}\p{N}._%+-]/u;
const HOST = /^@((?:[\p{L}\p{M}\p{N}-]+\.)+)([\p{L}\p{M}]{2}[\p{L}\p{M}\p{N}-]*|xn--[\p{L}\p{N}-]+)/iu;
const LITERAL = /^@\[(?:IPv6:)?[0-9a-f.:]{2,45}\]/i;

/**
 * `local@host.tld` (RFC 5321 §4.1.2), also with letters beyond ASCII (RFC 6531), quoted local parts and addresses in brackets.
 * The host has a dot, and its last name begins with two letters, so that `package@1.2.3` is none; nor is `name@host`.
 */
export const EMAIL: readonly Probe[] = [
  {
    start: /@/g,
    before: 65,
    reach: 256,
    find: (piece, before) => {
      const local = before.endsWith('"') ? '"' : localPart(before);
      if (local === "") return undefined;
      const host = (HOST.exec(piece) ?? LITERAL.exec(piece))?.[0];
      return host === undefined ? undefined : local + host;
    },
  },
];

function localPart(before: string): string {
  let from = before.length;
  while (from > 0 && LOCAL.test(before[from - 1] ?? "")) from--;
  return before.slice(from);
}
