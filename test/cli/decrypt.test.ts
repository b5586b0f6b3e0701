import { beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../../src/cli/command.ts";
import { decrypt } from "../../src/cli/commands/decrypt.ts";
import { createKeys, keyFiles, readKeys } from "../../src/tenants/keys.ts";
import { AGE, PLACE, SEALER } from "../tenants/sealed.ts";
import { agreement } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

/** Digest of the contract that the agreement's file names. */
const AGREEMENT = agreement("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
const CONTRACT = /sha-256:[0-9a-f]{64}/.exec(AGREEMENT)?.[0] ?? "";
const BOUND = { ...PLACE, contract: CONTRACT };

interface Company {
  /** The encryption key's file. */
  readonly key: string;
  readonly recipient: { readonly kid: string; readonly x: string };
}

async function newCompany(): Promise<Company> {
  const files = keyFiles(await createKeys());
  const { encKid, publicKeys } = readKeys((name) => files.get(name));
  const x = publicKeys.find(({ kid }) => kid === encKid)?.jwk.x ?? "";
  return { key: files.get("encryption.jwk.json") ?? "", recipient: { kid: encKid, x } };
}

let helix: Company;
let earlier: Company;
beforeAll(async () => {
  helix = await newCompany();
  earlier = await newCompany();
});

const seal = (plain: string, place: Partial<typeof BOUND> = {}, { recipient } = helix): string =>
  SEALER.seal(plain, { ...BOUND, ...place }, "planner", recipient, AGE);
const headers = (eventId = BOUND.eventId) => [
  ["ce_id", eventId],
  ["ce_meshagreement", BOUND.agreement],
];

async function decrypted(
  lines: readonly string[],
  args: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
) {
  const folder = folderWith({
    "agreements/demand.yaml": AGREEMENT,
    "keys/encryption.jwk.json": helix.key,
    "keys/encryption-2025.jwk.json": earlier.key,
    ...files,
    "events.ndjson": lines.map((line) => `${line}\n`).join(""),
  });
  const { texts, context } = kept(folder);
  const code = await runProgram([decrypt], ["decrypt", "--events", "events.ndjson", ...args], context);
  return { code, out: texts.out.trimEnd().split("\n"), err: texts.err };
}

describe("tiermesh decrypt", () => {
  test("opens the values of records by where they stand, and leaves every other byte alone", async () => {
    const series = (demand: string) => `[{"demands":[{"demand":1E+3,"at":"x"},{"demand":${demand}}]}]`;
    const line = (demand: string) =>
      `{"key":"k\\u0041","headers":${JSON.stringify(headers())},"value":{"demandSeries":${series(demand)}},"timestamp":5}`;
    const plain = '{ "value" : [1.0 , "M-1"] }';
    const { code, out, err } = await decrypted([line(`"${seal("0.10")}"`), plain, ""]);
    expect([out[0], out[1]]).toEqual([line("0.10"), plain]);
    expect([code, err]).toEqual([0, "1 opened, 0 not.\n"]);
  });

  const CASES: readonly (readonly [what: string, path: string, value: (token: string) => string])[] = [
    ["a member", "/price", (token) => `{"price":${token}}`],
    ["an element", "/prices/*", (token) => `{"prices":[0,${token}]}`],
    ["a value of a map", "/by/*/price", (token) => `{"by":{"site a/b":{"price":${token}}}}`],
    ["a member that a pointer must escape", "/a~1b/~0", (token) => `{"a/b":{"~":${token}}}`],
    ["the whole value", "", (token) => token],
  ];
  test.each(CASES)("finds %s", async (_, path, value) => {
    const record = (inner: string) => `{"value":${value(inner)},"headers":${JSON.stringify(headers())}}`;
    const { code, out } = await decrypted([record(JSON.stringify(seal('{"n":null}', { path })))]);
    expect([code, out]).toEqual([0, [record('{"n":null}')]]);
  });

  test("opens structured events, whose id stands beside the data", async () => {
    const line = (price: string) =>
      JSON.stringify({
        headers: [["ce_meshagreement", BOUND.agreement]],
        value: { specversion: "1.0", id: BOUND.eventId, data: { price } },
      });
    const { code, out } = await decrypted([line(seal('"9"', { path: "/price" }))]);
    expect([code, out]).toEqual([0, [line("9")]]);
  });

  test("opens what the console consumer prints", async () => {
    const printed = `CreateTime:5\tce_id:${BOUND.eventId},ce_meshorigin:urn:x-a:1 urn:x-a:2,ce_meshagreement:${BOUND.agreement}\tkey`;
    const { code, out } = await decrypted([`${printed}\t{"price":"${seal("9", { path: "/price" })}"}`]);
    expect([code, out]).toEqual([0, [`${printed}\t{"price":9}`]]);
  });

  test("opens what was encrypted for a key that was replaced", async () => {
    const line = (price: string) => JSON.stringify({ value: { price }, headers: headers() });
    const { code, out } = await decrypted([line(seal('"9"', { path: "/price" }, earlier))]);
    expect([code, out]).toEqual([0, [line("9")]]);
  });

  test("takes the contract's digest from the caller where the folder has no agreement", async () => {
    const contract = `sha-256:${"cd".repeat(32)}`;
    const line = (price: string) => JSON.stringify({ value: { price }, headers: headers() });
    const lines = [line(seal('"9"', { path: "/price", contract }))];
    const without = await decrypted(lines, [], { "agreements/demand.yaml": "{}\n" });
    expect(without.code).toBe(1);
    const { code, out } = await decrypted(lines, ["--contract", contract]);
    expect([code, out]).toEqual([0, [line("9")]]);
  });
});

describe("tiermesh decrypt says what it can't open, and leaves it as it is:", () => {
  const record = (token: string, names: readonly (readonly string[])[] = headers()) =>
    JSON.stringify({ value: { a: [{ price: token }] }, headers: names });
  const path = "/a/*/price";
  const agreements = [["ce_meshagreement", "00000000-0000-4000-8000-000000000000"]];
  const CASES: readonly (readonly [what: string, line: () => string, words: string])[] = [
    ["another field", () => record(seal("1", { path: "/cost" })), "another place"],
    ["another event", () => record(seal("1", { path }), headers("event-2")), "another place"],
    ["another contract", () => record(seal("1", { path, contract: "sha-256:0" })), "another place"],
    [
      "a changed value",
      () => record(seal("1", { path }).replace(/.{30}$/, "A".repeat(30))),
      "canonical|changed",
    ],
    [
      "somebody else's",
      () => record(SEALER.seal("1", { ...BOUND, path }, "r", { ...helix.recipient, kid: "k" }, AGE)),
      "not among the private keys",
    ],
    ["no event id", () => record(seal("1", { path }), headers().slice(1)), "no id of the event"],
    [
      "two event ids",
      () => record(seal("1", { path }), [...headers(), ["ce_id", "2"]]),
      "no id of the event",
    ],
    ["no agreement", () => record(seal("1", { path }), headers().slice(0, 1)), "no header ce_meshagreement"],
    [
      "an unknown agreement",
      () => record(seal("1", { path }), [...headers().slice(0, 1), ...agreements]),
      "has no agreement 00000000-",
    ],
  ];
  test.each(CASES)("%s", async (_, line, words) => {
    const text = line();
    const { code, out, err } = await decrypted(['{"value":1}', text]);
    expect([code, out[1]]).toEqual([1, text]);
    expect(err).toMatch(new RegExp(`^Line 2: /a/0/price stays encrypted\\. .*(${words})`, "m"));
    expect(err).toContain("0 opened, 1 not.");
    expect(err).not.toContain(JSON.parse(text).value.a[0].price.slice(0, 40));
  });

  test("a line that is no record", async () => {
    const { code, out, err } = await decrypted(['{"value":', "not json\tat all", '{"value":1}']);
    expect([code, out]).toEqual([1, ['{"value":', "not json\tat all", '{"value":1}']]);
    expect(err).toContain("Line 1: It holds no record (JSON_SYNTAX).");
    expect(err).toContain("Line 2: It holds no record (JSON_SYNTAX).");
  });

  test("everything, when the key is not there", async () => {
    const folder = folderWith({ "e.ndjson": "1\n" });
    const { texts, context } = kept(folder);
    expect(await runProgram([decrypt], ["decrypt", "--events", "e.ndjson"], context)).toBe(1);
    expect(texts.err).toContain("There is no keys/encryption.jwk.json");
  });

  test("a digest that is none, as a wrong call", async () => {
    expect((await decrypted([], ["--contract", "demand"])).code).toBe(2);
  });
});
