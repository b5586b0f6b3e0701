import { randomBytes } from "node:crypto";

/** A value that is found wherever it turns up. */
export interface Marker {
  /** What it was put into. */
  readonly of: string;
  readonly text: string;
  /** Where it may be seen: in the partner's topic, or nowhere. */
  readonly may: "reach the partner" | "not leave";
}

/** A marked text; `length` characters of it are random. */
export const marked = (
  of: string,
  may: Marker["may"],
  text = `mk${randomBytes(9).toString("hex")}`,
): Marker => ({
  of,
  text,
  may,
});

/** Something that came out: a topic, a log, an answer. */
export interface Outlet {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The outlets in which a marker shows, as it is or in a dress: base64 (at each of three places), base64url, hex. */
export const shownIn = (marker: Marker, outlets: readonly Outlet[]): readonly string[] => {
  const dresses = dressesOf(marker.text);
  return outlets
    .filter(({ bytes }) => dresses.some((dress) => bytes.includes(dress)))
    .map(({ name }) => `${marker.of} in ${name}`);
};

function dressesOf(text: string): readonly Buffer[] {
  const plain = Buffer.from(text);
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), plain]).toString("base64");
    // The characters at either end hold bits of what stands beside it.
    return encoded.slice(Math.ceil((shift * 4) / 3), encoded.length - 4);
  });
  const urls = base64.map((encoded) => encoded.replaceAll("+", "-").replaceAll("/", "_"));
  const hex = plain.toString("hex");
  return [plain, ...[...base64, ...urls, hex, hex.toUpperCase()].map((dress) => Buffer.from(dress))];
}
