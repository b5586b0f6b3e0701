import { Buffer } from "node:buffer";
import { beforeAll, describe, expect, test } from "vitest";
import { readDocument } from "../../src/document/document.ts";
import type { Card, Partner } from "../../src/kernel/company.ts";
import type { Json } from "../../src/kernel/json.ts";
import { makeCard, readCard } from "../../src/tenants/card.ts";
import { partnerClash } from "../../src/tenants/partner-clash.ts";
import { partnerDocument, readPartner } from "../../src/tenants/partner-file.ts";
import { AURORA, changed, documentOf, freshRing, HELIX } from "./company.ts";

let cardJson: Json;
let card: Card;
const cardFor = async (id: string) =>
  makeCard(await freshRing(), {
    id,
    name: "X",
    url: "https://x.example",
    serial: 1,
    issuedAt: "2026-11-22T09:00:00Z",
  });
const readable = (json: Json): Card => {
  const read = readCard(documentOf(json));
  if (read.card === undefined) throw new Error(JSON.stringify(read.problems));
  return read.card;
};
/** Files beside the partner's; notes what was asked for. */
const beside = (files: Readonly<Record<string, string>>) => {
  const asked: string[] = [];
  const read = (path: string) => {
    asked.push(path);
    return Object.hasOwn(files, path) ? Buffer.from(files[path] ?? "") : undefined;
  };
  return { asked, read };
};

beforeAll(async () => {
  cardJson = await cardFor(HELIX);
  card = readable(cardJson);
});
const helix = () =>
  partnerDocument({ name: "helix", card: "helix.card.json", fingerprint: card.fingerprint });
const withCard = () => beside({ "helix.card.json": JSON.stringify(cardJson) });

describe("a partner's file", () => {
  test("has its defaults where it says nothing", () => {
    const bare = changed(changed(helix(), "/spec/clearance", undefined), "/spec/groups", undefined);
    expect(readPartner(documentOf(bare), withCard())).toEqual({
      partner: {
        name: "helix",
        card,
        groups: [],
        clearance: "internal",
        country: undefined,
        competesWith: [],
        kafka: undefined,
      },
      problems: [],
    });
  });

  test("says what it says", () => {
    const yaml = `apiVersion: tiermesh/v1
kind: Partner
metadata: {name: helix}
spec:
  card: cards/helix.card.json
  fingerprint: "${card.fingerprint}"   # read aloud
  groups: [tier-1]
  clearance: confidential
  country: DE
  competesWith: [urn:bpn:BPNL00000003AYRE]
`;
    const document = readDocument(yaml, "partners/helix.yaml");
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    const { partner, problems } = readPartner(
      document.value,
      beside({ "cards/helix.card.json": JSON.stringify(cardJson) }),
    );
    expect(problems).toEqual([]);
    expect(partner).toMatchObject({
      groups: ["tier-1"],
      clearance: "confidential",
      country: "DE",
      competesWith: [AURORA],
    });
  });

  test("whose fingerprint is not the card's is refused, and both are named with the line", async () => {
    const other = readable(await cardFor(HELIX)).fingerprint;
    const yaml = `apiVersion: tiermesh/v1
kind: Partner
metadata: {name: helix}
spec:
  card: helix.card.json
  fingerprint: "${other}"
`;
    const document = readDocument(yaml, "helix.yaml");
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    const { partner, problems } = readPartner(document.value, withCard());
    expect(partner).toBe(undefined);
    expect(problems).toMatchObject([
      { rule: "partner.fingerprint", file: "helix.yaml", line: 6, pointer: "/spec/fingerprint" },
    ]);
    expect(problems[0]?.message).toContain(other);
    expect(problems[0]?.message).toContain(card.fingerprint);
  });

  test("whose card is not valid is refused with the card's problems, in the card's file", () => {
    const bad = beside({ "helix.card.json": JSON.stringify(changed(cardJson, "/metadata/serial", 7)) });
    const { partner, problems } = readPartner(documentOf(helix(), "partners/helix.json"), bad);
    expect(partner).toBe(undefined);
    expect(problems).toMatchObject([{ rule: "card.signature", file: "partners/helix.card.json" }]);
  });

  test("whose card is not there, or no document, is refused", () => {
    expect(readPartner(documentOf(helix()), beside({})).problems).toMatchObject([{ rule: "partner.card" }]);
    const { partner, problems } = readPartner(documentOf(helix()), beside({ "helix.card.json": "{" }));
    expect(partner).toBe(undefined);
    expect(problems.length).toBeGreaterThan(0);
  });

  test.each([
    "../helix.card.json",
    "/etc/passwd",
    "a/../../b",
    "C:\\b",
    "..\\b",
    "https://x.example/card",
    "a//b",
    "a\0b",
  ])("that names the card %j reads nothing", (path) => {
    const files = beside({ [path]: JSON.stringify(cardJson) });
    const { partner, problems } = readPartner(documentOf(changed(helix(), "/spec/card", path)), files);
    expect(partner).toBe(undefined);
    expect(problems.length).toBeGreaterThan(0);
    expect(files.asked).toEqual([]);
  });

  const REFUSED: readonly (readonly [
    what: string,
    pointer: string,
    value: Json | undefined,
    rule: string,
  ])[] = [
    ["a clearance that there is not", "/spec/clearance", "secret", "partner.value"],
    ["a name that no topic may begin with", "/metadata/name", "he.lix", "partner.format"],
    ["a country in words", "/spec/country", "Germany", "partner.format"],
    ["no fingerprint", "/spec/fingerprint", undefined, "partner.required"],
    ["a mistyped key", "/spec/clearence", "public", "partner.unknown-key"],
  ];
  test.each(REFUSED)("with %s is refused", (_what, pointer, value, rule) => {
    const { partner, problems } = readPartner(documentOf(changed(helix(), pointer, value)), withCard());
    expect(partner).toBe(undefined);
    expect(problems).toMatchObject([{ rule }]);
  });

  test("with a mistyped key is told which was meant", () => {
    const { problems } = readPartner(documentOf(changed(helix(), "/spec/clearence", "public")), withCard());
    expect(problems[0]?.mend).toContain("`clearance`");
  });
});

describe("a partner beside others", () => {
  const partnerOf = (name: string, of: Card): Partner => ({
    name,
    card: of,
    groups: [],
    clearance: "internal",
    country: undefined,
    competesWith: [],
    kafka: undefined,
  });
  const own = { id: AURORA, keys: [], pins: [] };

  test("with keys of its own stands", async () => {
    const other = partnerOf("third", readable(await cardFor("urn:x-t:third")));
    expect(partnerClash(partnerOf("helix", card), own, [other])).toBe(undefined);
    expect(partnerClash(partnerOf("helix", card), own, [partnerOf("helix", card)])).toBe(undefined);
  });

  test("that lists a key or a pin of another is refused", () => {
    const helixPartner = partnerOf("helix", card);
    const thief: Card = { ...card, id: "urn:x-t:thief", keys: [] };
    expect(partnerClash(partnerOf("thief", thief), own, [helixPartner])).toMatchObject({
      rule: "partner.clash",
    });
    const other: Card = { ...card, id: "urn:x-t:thief", pins: [] };
    expect(partnerClash(partnerOf("thief", other), own, [helixPartner])?.message).toContain(HELIX);
    expect(partnerClash(partnerOf("thief", other), { ...card, id: AURORA }, [])?.message).toContain(AURORA);
  });

  test("under a name that is taken, or with our own id, is refused", async () => {
    const third = readable(await cardFor("urn:x-t:third"));
    expect(partnerClash(partnerOf("helix", third), own, [partnerOf("helix", card)])?.pointer).toBe(
      "/metadata/name",
    );
    expect(partnerClash(partnerOf("us", { ...third, id: AURORA }), own, [])?.pointer).toBe("/spec/card");
  });
});
