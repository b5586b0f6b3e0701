import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { cardKey, fingerprintOf, publicKeyFault, thumbprint } from "../../src/tenants/public-key.ts";

const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const SQRT_OF_MINUS_1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;
const mod = (value: bigint) => ((value % P) + P) % P;
const power = (base: bigint, exponent: bigint): bigint => {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
};
const invert = (value: bigint) => power(value, P - 2n);
type Point = readonly [x: bigint, y: bigint];
/** RFC 8032 §5.1.4, affine. */
const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
  const product = mod(D * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + x2 * y1) * invert(1n + product)), mod((y1 * y2 + x1 * x2) * invert(1n - product))];
};
/** RFC 8032 §5.1.3, steps 2 and 3. */
const xOf = (y: bigint): bigint | undefined => {
  const square = mod((y * y - 1n) * invert(D * y * y + 1n));
  const root = power(square, (P + 3n) / 8n);
  return [root, mod(root * SQRT_OF_MINUS_1)].find((candidate) => mod(candidate * candidate) === square);
};
const encode = (y: bigint, sign: number): string => {
  const bytes = Buffer.from(y.toString(16).padStart(64, "0"), "hex").reverse();
  bytes.writeUInt8(bytes.readUInt8(31) | (sign << 7), 31);
  return bytes.toString("base64url");
};
/** Every y whose point times eight is the neutral element, from the curve's own arithmetic. */
function smallOrderYs(): bigint[] {
  // Any point times the order of the big subgroup is one of the eight; of order 8 for a suitable y.
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const found = new Set<bigint>();
  for (let y = 2n; found.size < 5; y++) {
    const x = xOf(y);
    if (x === undefined) continue;
    let [sum, double]: [Point, Point] = [
      [0n, 1n],
      [x, y],
    ];
    for (let rest = order; rest > 0n; rest >>= 1n) {
      if (rest & 1n) sum = add(sum, double);
      double = add(double, double);
    }
    for (let [times, point]: [number, Point] = [0, sum]; times < 8; times++, point = add(point, sum))
      found.add(point[1]);
  }
  return [...found];
}

const sig = (x: string) => publicKeyFault(cardKey("sig", x));
const freshX = (type: "ed25519" | "x25519") => {
  // The overloads of generateKeyPairSync take one literal each.
  const pair = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
  return pair.publicKey.export({ format: "jwk" }).x ?? "";
};

describe("a public key", () => {
  test("has the thumbprint of RFC 8037, appendix A.3", () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" } as const;
    expect(thumbprint(jwk).toString("base64url")).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    expect(fingerprintOf(cardKey("sig", jwk.x).kid)).toBe(
      "SHA256:kPrK/qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    );
  });

  test("that was made for its use is accepted", () => {
    expect(sig(freshX("ed25519"))).toBe(undefined);
    expect(publicKeyFault(cardKey("enc", freshX("x25519")))).toBe(undefined);
  });

  test("of the other curve is refused", () => {
    const { kid, jwk } = cardKey("enc", freshX("x25519"));
    expect(publicKeyFault({ kid, use: "sig", jwk })).toMatch(/Ed25519/);
  });

  test.each([
    ["padded", (x: string) => `${x}=`],
    ["with stray bits", (x: string) => `${x.slice(0, -1)}B`],
    ["of 31 bytes", (x: string) => x.slice(0, 42)],
    ["with a space", (x: string) => ` ${x}`],
  ])("that is spelt %s is refused", (_how, spell) => {
    expect(sig(spell(`${Buffer.alloc(32, 7).toString("base64url")}`))).toMatch(/base64url/);
  });

  test("whose kid is not its thumbprint is refused", () => {
    const key = cardKey("sig", freshX("ed25519"));
    expect(publicKeyFault({ ...key, kid: `${key.kid.slice(1)}A` })).toMatch(/thumbprint/);
  });

  test("of small order is refused in every spelling", () => {
    const ys = smallOrderYs();
    expect(ys).toHaveLength(5);
    const spellings = [...ys, ...ys.map((y) => y + P).filter((y) => y < 2n ** 255n)];
    expect(spellings).toHaveLength(7);
    for (const y of spellings) for (const sign of [0, 1]) expect(sig(encode(y, sign))).toMatch(/small order/);
  });

  test.each([0n, 1n, P - 1n, P, P + 1n])("for encryption with the coordinate %s is refused", (u) => {
    expect(publicKeyFault(cardKey("enc", encode(u, 0)))).toMatch(/small order/);
  });
});
