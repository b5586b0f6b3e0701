import { beforeAll, describe, expect, test } from "vitest";
import { readDocument } from "../../src/document/document.ts";
import type { Card } from "../../src/kernel/company.ts";
import type { Json } from "../../src/kernel/json.ts";
import { makeCard, readCard } from "../../src/tenants/card.ts";
import { checkSuccessor } from "../../src/tenants/card-succession.ts";
import { signDetached } from "../../src/tenants/jws.ts";
import type { KeyRing } from "../../src/tenants/keys.ts";
import { AURORA, changed, documentOf, freshRing, HELIX } from "./company.ts";

const FIELDS = {
  id: AURORA,
  name: "Aurora Motors",
  url: "https://mesh.aurora.example:8443",
  serial: 1,
  issuedAt: "2026-11-22T09:00:00Z",
};
let ring: KeyRing;
let json: Json;
const cardOf = (value: Json): Card => {
  const { card, problems } = readCard(documentOf(value));
  if (card === undefined) throw new Error(JSON.stringify(problems));
  return card;
};
/** The card with a change, signed again as its own company would. */
const resigned = (pointer: string, value: Json | undefined): Json => {
  const { signature: _signature, ...rest } = changed(json, pointer, value) as {
    readonly [name: string]: Json;
  };
  return { ...rest, signature: signDetached(rest, ring) };
};

beforeAll(async () => {
  ring = await freshRing();
  json = makeCard(ring, FIELDS);
});

describe("a card", () => {
  test("says of its company what the company said", () => {
    const { keys, pins, fingerprint, ...rest } = cardOf(json);
    expect(rest).toEqual(FIELDS);
    expect(keys).toEqual(ring.publicKeys);
    expect(pins).toEqual([ring.tls.pin]);
    expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });

  test("holds no secret", () => {
    const text = JSON.stringify(json);
    expect(text).not.toContain(String(ring.signingKey.export({ format: "jwk" }).d));
    expect(text).not.toMatch(/"d":/);
  });

  test("is the same in YAML", () => {
    const { metadata, spec, signature } = json as unknown as {
      metadata: typeof FIELDS;
      spec: { url: string; keys: Json; tls: Json };
      signature: { kid: string; jws: string };
    };
    const yaml = `# Send this to partners.
signature: {kid: ${signature.kid}, jws: ${signature.jws}}
kind: Card
apiVersion: tiermesh/v1
metadata:
  name: ${metadata.name}
  id: ${metadata.id}
  serial: 1
  issuedAt: "${metadata.issuedAt}"
spec:
  tls: ${JSON.stringify(spec.tls)}
  url: ${spec.url}
  keys: ${JSON.stringify(spec.keys)}
`;
    const document = readDocument(yaml, "aurora.card.yaml");
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    expect(readCard(document.value)).toEqual({ card: cardOf(json), problems: [] });
  });

  const TAMPERED: readonly (readonly [pointer: string, value: () => Json])[] = [
    ["/metadata/id", () => HELIX],
    ["/metadata/name", () => "Aurora Motor"],
    ["/metadata/serial", () => 2],
    ["/metadata/issuedAt", () => "2026-11-22T09:00:01Z"],
    ["/spec/url", () => "https://mesh.attacker.example:8443"],
    ["/spec/tls/pins/0", () => `sha-256:${"A".repeat(43)}=`],
  ];
  test.each(TAMPERED)("in which %s was changed after signing is refused", (pointer, value) => {
    const { card, problems } = readCard(documentOf(changed(json, pointer, value())));
    expect(card).toBe(undefined);
    expect(problems).toMatchObject([{ rule: "card.signature", pointer: "/signature" }]);
  });

  test("in which a key was swapped for the attacker's is refused", async () => {
    const [attackers] = (await freshRing()).publicKeys;
    const swapped = changed(json, "/spec/keys/0", attackers as unknown as Json);
    expect(readCard(documentOf(swapped))).toMatchObject({
      card: undefined,
      problems: [{ rule: "card.signature", message: expect.stringContaining("does not list") }],
    });
  });

  test("that an attacker signed anew with a key of its own has another fingerprint", async () => {
    const forged = makeCard(await freshRing(), FIELDS);
    expect(cardOf(forged).fingerprint).not.toBe(cardOf(json).fingerprint);
  });

  const REFUSED: readonly (readonly [
    what: string,
    pointer: string,
    value: () => Json | undefined,
    rule: string,
  ])[] = [
    ["plain http", "/spec/url", () => "http://mesh.aurora.example", "card.url"],
    ["a URL with a password", "/spec/url", () => "https://u:p@mesh.aurora.example", "card.url"],
    ["a URL with a path", "/spec/url", () => "https://mesh.aurora.example/admin", "card.url"],
    ["a URL with a query", "/spec/url", () => "https://mesh.aurora.example/?x", "card.url"],
    ["a file's URL", "/spec/url", () => "file:///etc/passwd", "card.url"],
    ["no URL", "/spec/url", () => "mesh", "card.url"],
    ["an id that is no company's", "/metadata/id", () => "aurora", "card.company"],
    ["a serial of zero", "/metadata/serial", () => 0, "card.range"],
    ["a serial that is a fraction", "/metadata/serial", () => 1.5, "card.type"],
    ["a time that is none", "/metadata/issuedAt", () => "yesterday", "card.format"],
    ["a pin of another digest", "/spec/tls/pins/0", () => "sha-1:AAAA", "card.format"],
    ["a pin in another spelling", "/spec/tls/pins/0", () => `sha-256:${"A".repeat(42)}B=`, "card.pin"],
    ["no pins", "/spec/tls/pins", () => [], "card.size"],
    ["a private key", "/spec/keys/0/jwk/d", () => "AAAA", "card.unknown-key"],
    ["a symmetric key", "/spec/keys/0/jwk", () => ({ kty: "oct", k: "AAAA" }), "card.value"],
    ["a key for signatures alone", "/spec/keys", () => [ring.publicKeys[0] as unknown as Json], "card.size"],
    [
      "the same key twice",
      "/spec/keys",
      () => [...ring.publicKeys, ring.publicKeys[0]] as unknown as Json,
      "card.key",
    ],
    ["a kid that is not the thumbprint", "/spec/keys/1/kid", () => "x", "card.key"],
    ["a curve of the other use", "/spec/keys/1/use", () => "sig", "card.key"],
    ["a member that no card has", "/spec/admin", () => true, "card.unknown-key"],
    ["another version", "/apiVersion", () => "tiermesh/v2", "card.value"],
  ];
  test.each(REFUSED)("with %s is refused though its signature is right", (_what, pointer, value, rule) => {
    const { card, problems } = readCard(documentOf(resigned(pointer, value())));
    expect(card).toBe(undefined);
    expect(problems.map((problem) => problem.rule)).toContain(rule);
  });

  test("with a member of another name is told the name that was meant", () => {
    const { problems } = readCard(documentOf(resigned("/spec/urls", "x")));
    expect(problems[0]).toMatchObject({ rule: "card.unknown-key", mend: expect.stringContaining("`url`") });
  });

  test("that is wrong in several places is told all of them at once", () => {
    const bad = changed(changed(json, "/metadata/id", "x"), "/spec/url", "http://x");
    const { problems } = readCard(documentOf(bad));
    expect(problems.map(({ rule }) => rule)).toEqual(["card.company", "card.url"]);
  });
});

describe("a newer card", () => {
  test("with the same keys and a higher serial takes the place of the one before", () => {
    const newer = makeCard(ring, { ...FIELDS, serial: 2, url: "https://new.aurora.example" });
    expect(checkSuccessor(cardOf(json), cardOf(newer))).toEqual({ ok: true, value: "newer" });
  });

  test("that is the one accepted is the same", () => {
    expect(checkSuccessor(cardOf(json), cardOf(json))).toEqual({ ok: true, value: "same" });
  });

  test("hands over to new keys in two steps, each signed by a key of the one before", async () => {
    const next = await freshRing();
    const overlap = cardOf(makeCard(ring, { ...FIELDS, serial: 2 }, next.publicKeys));
    const after = cardOf(makeCard(next, { ...FIELDS, serial: 3 }));
    expect(checkSuccessor(cardOf(json), overlap)).toMatchObject({ ok: true, value: "newer" });
    expect(checkSuccessor(overlap, after)).toMatchObject({ ok: true, value: "newer" });
    expect(checkSuccessor(cardOf(json), after)).toEqual({ ok: false, fault: "card.succession" });
  });

  test("of the same serial, or a lower one, is refused", () => {
    const second = cardOf(makeCard(ring, { ...FIELDS, serial: 2 }));
    expect(checkSuccessor(second, cardOf(json))).toEqual({ ok: false, fault: "card.serial" });
    const twin = cardOf(makeCard(ring, { ...FIELDS, name: "Aurora" }));
    expect(checkSuccessor(cardOf(json), twin)).toEqual({ ok: false, fault: "card.serial" });
  });

  test("of another company is refused whoever signed it", () => {
    const other = cardOf(makeCard(ring, { ...FIELDS, id: HELIX, serial: 2 }));
    expect(checkSuccessor(cardOf(json), other)).toEqual({ ok: false, fault: "card.company" });
  });
});
