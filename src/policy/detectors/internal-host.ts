import type { Probe } from "./probe.ts";
import { shape } from "./probe.ts";

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![A-Za-z0-9_]|\.[0-9])/;
const HOST_BEFORE = /[\p{L}\p{M}\p{N}-]$/u;
const SUFFIX =
  /^\.(?:svc\.cluster\.local|home\.arpa|internal|intranet|intra|corp|lan|localdomain|local)(?![A-Za-z0-9_-]|\.[A-Za-z0-9])/i;

/** RFC 1918 §3, RFC 3927 §2.1, RFC 1122 §3.2.1.3: first and second number of an address. */
const isPrivate = (first: number, second: number): boolean =>
  first === 10 ||
  first === 127 ||
  (first === 172 && second >= 16 && second <= 31) ||
  (first === 192 && second === 168) ||
  (first === 169 && second === 254);

/**
 * What means something inside one network only: private, link-local and loopback addresses (RFC 1918, 3927, 4193, 4291),
 * `localhost`, and names that end with `.internal`, `.local`, `.localdomain`, `.corp`, `.lan`, `.intra`, `.intranet`,
 * `.home.arpa` or `.svc.cluster.local`. A version of four numbers such as 10.0.0.1 can't be told apart from an address, and
 * counts; `v10.0.0.1`, five numbers, and a name that goes on behind the suffix are none.
 */
export const INTERNAL_HOST: readonly Probe[] = [
  {
    start: /(?<![A-Za-z0-9_]|[0-9]\.)1/gu,
    reach: 18,
    find: (piece) => {
      const found = IPV4.exec(piece);
      const numbers = (found ?? []).slice(1).map(Number);
      const [first = 256, second = 256] = numbers;
      return numbers.every((number) => number < 256) && isPrivate(first, second) ? found?.[0] : undefined;
    },
  },
  { start: /(?<![A-Za-z0-9:.])[fF][c-eC-E]/gu, reach: 48, find: localAddress },
  shape(/(?<![A-Za-z0-9:.])::1/gu, 4, /^::1(?![A-Za-z0-9:.])/u),
  shape(/(?<![A-Za-z0-9])localhost/giu, 11, /^localhost(?![A-Za-z0-9])/iu),
  {
    start: /\.[chils]/gi,
    before: 253,
    reach: 24,
    find: (piece, before) => {
      const suffix = SUFFIX.exec(piece)?.[0];
      return suffix === undefined || !HOST_BEFORE.test(before) ? undefined : hostBefore(before) + suffix;
    },
  },
];

/** RFC 4193 §3.1 (fc00::/7) and RFC 4291 §2.5.6 (fe80::/10): eight groups, or fewer with `::` once. */
function localAddress(piece: string): string | undefined {
  const found = /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):[0-9a-f:]*/i.exec(piece)?.[0] ?? "";
  if (found === "" || /^[A-Za-z0-9]/u.test(piece.slice(found.length))) return undefined;
  const address = found.replace(/(?<!:):$/, "");
  const groups = address.split(":").filter((group) => group !== "");
  const shortened = address.split("::").length - 1;
  if (groups.some((group) => group.length > 4) || address.includes(":::")) return undefined;
  return (shortened === 1 && groups.length < 8) || (shortened === 0 && groups.length === 8)
    ? address
    : undefined;
}

function hostBefore(before: string): string {
  let from = before.length;
  while (from > 0 && /[\p{L}\p{M}\p{N}.-]/u.test(before[from - 1] ?? "")) from--;
  return before.slice(from);
}
