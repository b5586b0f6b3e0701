import { beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { runProgram } from "../../src/cli/command.ts";
import { trace } from "../../src/cli/commands/trace.ts";
import { readDocument } from "../../src/document/document.ts";
import { readJson } from "../../src/kernel/strict-json.ts";
import { applyAction, pseudonym } from "../../src/policy/actions.ts";
import { makeCard, readCard } from "../../src/tenants/card.ts";
import { type KeyRing, readKeys } from "../../src/tenants/keys.ts";
import { partnerDocument } from "../../src/tenants/partner-file.ts";
import { freshRing } from "../tenants/company.ts";
import { agreement, CONTRACT, companies, HELIX } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

const ORION = "urn:bpn:BPNL00000009ORIO";
const EPOCH = 3;

let files: Readonly<Record<string, string>>;
let ring: KeyRing;
beforeAll(async () => {
  const both = await companies();
  const card = makeCard(await freshRing(), {
    id: ORION,
    name: "Orion",
    url: "https://orion.example:8443",
    serial: 1,
    issuedAt: "2026-01-01T00:00:00Z",
  });
  const document = readDocument(JSON.stringify(card), "card.yaml");
  const fingerprint = (document.ok && readCard(document.value).card?.fingerprint) || "";
  files = {
    ...both.files,
    "keys/pseudonym-epoch": `${EPOCH}\n`,
    "contracts/demand/contract.odcs.yaml": CONTRACT.replace(
      "{name: material, logicalType: string, required: true, classification: internal, customProperties: [{property: mesh.action, value: {action: share}}]}",
      "{name: material, logicalType: string, required: true, classification: internal, customProperties: [{property: mesh.action, value: {action: pseudonymize, domain: part}}]}",
    ),
    "partners/orion.card.yaml": stringify(card),
    "partners/orion.yaml": stringify(
      partnerDocument({ name: "orion", card: "orion.card.yaml", fingerprint, clearance: "confidential" }),
    ),
  };
  ring = readKeys((name) => files[`keys/${name}`]);
});

const keysAt = (epoch: number) => ({ pseudonyms: ring.pseudonymsAt(epoch), sealer: ring.sealer });
const made = (text: string, domain: string, partner = HELIX, epoch = EPOCH, length = 22): string =>
  pseudonym(text, domain, length, { partner, keys: keysAt(epoch) });

async function traced(
  wanted: string,
  lists: { readonly values?: readonly string[]; readonly events?: readonly string[] },
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
) {
  const { values, events } = lists;
  const text = (lines: readonly string[]) => ({ text: lines.map((line) => `${line}\n`).join("") });
  const folder = folderWith({
    ...files,
    ...(values && { "values.txt": text(values).text }),
    ...(events && { "events.ndjson": text(events).text }),
    ...more,
  });
  const { texts, context } = kept(folder);
  const sources = [
    ...(values ? ["--values", "values.txt"] : []),
    ...(events ? ["--events", "events.ndjson"] : []),
  ];
  const code = await runProgram([trace], ["trace", ...sources, ...args, "-o", "json", "--", wanted], context);
  return { code, ...texts, matches: texts.out === "" ? [] : JSON.parse(texts.out).matches };
}

describe("tiermesh trace", () => {
  const WHO = [HELIX, ORION].flatMap((partner) => [1, 2, 3].map((epoch) => [partner, epoch] as const));
  test.each(WHO)("finds a pseudonym of %s and epoch %i", async (partner, epoch) => {
    const wanted = made("M-4711", "part", partner, epoch);
    const { code, matches } = await traced(wanted, { values: ["M-1", "M-4711", "M-2"] });
    expect(code).toBe(0);
    expect(matches).toEqual([
      {
        partner: partner === HELIX ? "helix" : "orion",
        company: partner,
        epoch,
        presentEpoch: epoch === EPOCH,
        domain: "part",
        fields: [{ contract: "demand", path: "/material" }],
        value: "values.txt:2",
      },
    ]);
  });

  test("never finds one pseudonym for two partners, epochs or domains", () => {
    const all = [HELIX, ORION].flatMap((partner) =>
      [1, 2, 3].flatMap((epoch) =>
        ["part", "/material", "key"].map((domain) => made("M-4711", domain, partner, epoch)),
      ),
    );
    expect(new Set(all).size).toBe(18);
  });

  test.each([1, 8, 16, 43])("takes a pseudonym of %i characters", async (length) => {
    const wanted = made("M-4711", "part", ORION, 1, length);
    const { code, matches } = await traced(wanted, { values: ["M-4711"] });
    expect(code).toBe(0);
    expect(matches).toContainEqual(expect.objectContaining({ company: ORION, epoch: 1, domain: "part" }));
  });

  test("warns that a short one matches by chance, and lists every match", async () => {
    const values = Array.from({ length: 300 }, (_, index) => `M-${index}`);
    const { matches, err } = await traced(made("M-7", "part", HELIX, EPOCH, 1), { values });
    expect(err).toContain("so short that chance alone");
    expect(matches.length).toBeGreaterThan(1);
    expect((await traced(made("M-7", "part"), { values })).err).not.toContain("chance");
  });

  test("finds nothing that was made of another value or for another company, and says so", async () => {
    for (const wanted of [made("M-9", "part"), made("M-4711", "part", "urn:x-gone:1")]) {
      const { code, matches, err } = await traced(wanted, { values: ["M-4711"] });
      expect([code, matches]).toEqual([1, []]);
      expect(err).toContain("No value, partner, domain and epoch makes this pseudonym.");
    }
  });

  test("looks among companies and domains that the caller names besides", async () => {
    const gone = made("M-4711", "part", "urn:x-gone:1", 2);
    const { matches } = await traced(gone, { values: ["M-4711"] }, ["--partners", "urn:x-a:1,urn:x-gone:1"]);
    expect(matches).toMatchObject([{ partner: "urn:x-gone:1", epoch: 2 }]);
    const elsewhere = made("M-4711", "old-domain");
    expect((await traced(elsewhere, { values: ["M-4711"] })).code).toBe(1);
    const named = await traced(elsewhere, { values: ["M-4711"] }, ["--domains", "old-domain"]);
    expect(named.matches).toMatchObject([{ domain: "old-domain", fields: [] }]);
  });

  test("looks at the newest thousand epochs, however high their number", async () => {
    const far = { "keys/pseudonym-epoch": "500000000" };
    const wanted = made("M-4711", "part", HELIX, 500_000_000 - 999);
    const { matches } = await traced(wanted, { values: ["M-4711"] }, [], far);
    expect(matches).toMatchObject([{ epoch: 499_999_001, presentEpoch: false }]);
  });

  test("never shows the value", async () => {
    const { out, err } = await traced(made("M-4711", "part"), { values: ["M-4711"] });
    expect(`${out}${err}`).not.toContain("M-4711");
  });
});

describe("the values behind pseudonyms", () => {
  const record = '{"key":"K-1","value":{"material":"M-4711","supplier":"S","demand":1250.0,"other":"O-1"}}';

  test.each([
    ["a text, in the domain that the contract names", "M-4711", "part"],
    ["a text, in the domain of its path", "S", "/supplier"],
    ["a number, by its normalised text", "1250", "/demand"],
    ["a record's key", "K-1", "key"],
  ])("are taken from records: %s", async (_, text, domain) => {
    const { matches } = await traced(made(text, domain), { events: ['{"value":{}}', record] });
    expect(matches).toMatchObject([{ domain, value: "events.ndjson:2" }]);
  });

  test("are tried only where they stand in their record", async () => {
    expect((await traced(made("M-4711", "/supplier"), { events: [record] })).code).toBe(1);
    expect((await traced(made("M-4711", "/supplier"), { values: ["M-4711"] })).code).toBe(0);
  });

  test("are tried in every domain that a bundle or an agreement names", async () => {
    const bundle = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: infosec, version: 1.0.0}
spec:
  direction: outbound
  modules:
  - {use: categories, with: {volume: {action: pseudonymize, domain: volumes}}}
`;
    const narrow = { "/other": { action: "pseudonymize", domain: "others" } };
    const more = {
      "policies/infosec.yaml": bundle,
      "agreements/a.yaml": agreement("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", [], { narrow }),
    };
    const volumes = await traced(made("1250", "volumes"), { events: [record] }, [], more);
    expect(volumes.matches).toMatchObject([{ domain: "volumes", value: "events.ndjson:1" }]);
    const others = await traced(made("O-1", "others"), { events: [record] }, [], more);
    expect(others.matches).toMatchObject([{ domain: "others" }]);
  });

  test("are found in a structured event", async () => {
    const event = '{"specversion":"1.0","id":"1","data":{"material":"M-4711"}}';
    expect((await traced(made("M-4711", "part"), { events: [event] })).code).toBe(0);
  });

  test.each(["4711.0", "47.110e2", "4711"])(
    "as a number %s are what the gateway makes of it",
    async (written) => {
      const node = readJson(Buffer.from(written), { depthMax: 1, arrayLengthMax: 1 });
      const context = { path: "/demand", partner: HELIX, keys: keysAt(EPOCH), sealing: undefined };
      const left = node.ok && applyAction(node.value, { action: "pseudonymize" }, context);
      const wanted = left && left.kind === "string" ? left.value : "";
      for (const lists of [{ values: [written] }, { events: [`{"demand":${written}}`] }])
        expect((await traced(wanted, lists)).matches).toMatchObject([{ domain: "/demand", epoch: EPOCH }]);
    },
  );

  test("come from lines of any ending, and a line that is no record is named", async () => {
    expect((await traced(made("M-1", "part"), { values: ["M-1\r"] })).code).toBe(0);
    const { err, code } = await traced(made("M-4711", "part"), { events: ["{", record] });
    expect([code, err.includes("events.ndjson:1 is no record")]).toEqual([0, true]);
  });
});

describe("tiermesh trace refuses", () => {
  test.each([
    ["what is no pseudonym", "M 4711", { values: ["1"] }],
    ["more than a digest has", "A".repeat(44), { values: ["1"] }],
    ["to guess without values", "AAAA", {}],
  ])("%s", async (_, wanted, lists) => {
    expect((await traced(wanted, lists)).code).toBe(2);
  });

  test.each(["Partner", "Partnr"])(
    "a folder with a %s that can't be read, because it would be left out",
    async (kind) => {
      const broken = { "partners/vega.yaml": `kind: ${kind}\nmetadata: {name: vega}\n` };
      const { code, out } = await traced(made("M-1", "part"), { values: ["M-1"] }, [], broken);
      expect([code, out]).toEqual([1, ""]);
    },
  );

  test("a search without end", async () => {
    const partners = Array.from({ length: 9000 }, (_, index) => `urn:x-a:${index}`).join(",");
    const values = Array.from({ length: 9000 }, (_, index) => `${index}x`);
    const { code, err } = await traced("AAAA", { values }, ["--partners", partners]);
    expect([code, err.includes("There is too much to try")]).toEqual([1, true]);
  });
});
