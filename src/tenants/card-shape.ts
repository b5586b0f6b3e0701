import { compileShape } from "../document/shape.ts";
import type { CardKey } from "../kernel/company.ts";
import { closed } from "./closed-object.ts";

export const API_VERSION = "tiermesh/v1";

const text = (maxLength: number) => ({ type: "string", minLength: 1, maxLength });
const jwk = closed({
  kty: { const: "OKP" },
  crv: { enum: ["Ed25519", "X25519"] },
  x: text(64),
});

/** File formats, "Card, partner". */
export const CARD_SHAPE = compileShape(
  closed({
    apiVersion: { const: API_VERSION },
    kind: { const: "Card" },
    metadata: closed({
      id: text(128),
      name: text(200),
      issuedAt: { type: "string", format: "date-time" },
      serial: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    }),
    spec: closed({
      url: text(500),
      keys: {
        type: "array",
        items: closed({ kid: text(64), use: { enum: ["sig", "enc"] }, jwk }),
        minItems: 2,
        maxItems: 16,
      },
      tls: closed({
        pins: {
          type: "array",
          items: { type: "string", pattern: "^sha-256:[A-Za-z0-9+/]{43}=$" },
          minItems: 1,
          maxItems: 8,
          uniqueItems: true,
        },
      }),
    }),
    signature: closed({ kid: text(64), jws: text(1024) }),
  }),
  "card",
);

/** What a document is once it has that shape. */
export interface CardFile {
  readonly metadata: {
    readonly id: string;
    readonly name: string;
    readonly issuedAt: string;
    readonly serial: number;
  };
  readonly spec: {
    readonly url: string;
    readonly keys: readonly CardKey[];
    readonly tls: { readonly pins: readonly string[] };
  };
  readonly signature: { readonly kid: string; readonly jws: string };
}
