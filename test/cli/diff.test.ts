import { beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../../src/cli/command.ts";
import { diff } from "../../src/cli/commands/diff.ts";
import { agreement, CONTRACT, type Companies, companies } from "./aurora.ts";
import { type Ended, folderWith, run as runProcess } from "./program.ts";

/** The command in this process. */
async function run(cwd: string, args: readonly string[], input = ""): Promise<Ended> {
  const texts = { out: "", err: "" };
  const screen = (name: "out" | "err") => ({
    write: (text: string) => {
      texts[name] += text;
    },
    paint: (_: string, text: string) => text,
  });
  const code = await runProgram([diff], args, {
    out: screen("out"),
    err: screen("err"),
    cwd,
    now: () => Date.UTC(2026, 10, 22),
    env: () => undefined,
    debug: () => undefined,
    readInput: async () => Buffer.from(input),
  });
  return { code, ...texts };
}

let both: Companies;
beforeAll(async () => {
  both = await companies();
});

const edited = (from: string, to: string): string => {
  if (!CONTRACT.includes(from)) throw new Error(`The contract has no ${from}.`);
  return CONTRACT.replace(from, to);
};
const ROUNDED = "{action: round, multiple: 100, mode: half-even}";
/** The contract with demand rounded less, as a folder beside the company's. */
const finer = () => ({
  "next/contract.odcs.yaml": edited(ROUNDED, "{action: round, multiple: 10, mode: half-even}"),
  "next/payload.schema.json": both.files["contracts/demand/payload.schema.json"] ?? "",
});
const POLICY = (name: string, category: string): string =>
  `apiVersion: tiermesh/v1\nkind: PolicyBundle\nmetadata: {name: ${name}, version: 1.0.0}\nspec:\n  direction: outbound\n  modules:\n  - {use: categories, with: {${category}: drop}}\n`;

const json = ({ out }: Ended) => JSON.parse(out);
const placesOf = (ended: Ended) =>
  json(ended)[0].changes.map(
    ({ place, direction, verdict }: Record<string, string>) => `${place} ${direction} ${verdict}`,
  );

describe("tiermesh diff", () => {
  test("of two contracts says what widens, and ends with 1", async () => {
    const folder = folderWith({ ...both.files, ...finer() });
    const ended = await runProcess(folder, ["diff", "contracts/demand", "next"]);
    expect([ended.code, ended.err]).toEqual([1, ""]);
    const [title, head, row] = ended.out.split("\n");
    expect(title).toMatch(/^demand for helix \(urn:bpn:BPNL00000007QWER\): demand 1\.0\.0, /);
    expect(head).toMatch(/^WHAT LEAVES +PLACE +OF IT +BEFORE +AFTER +BY +FOR THE SUBSCRIBER$/);
    expect(row).toMatch(
      /^widened +\/demand +action +round multiple=100 mode="half-even" +round multiple=10 .* contract +widening$/,
    );
  });

  test("the other way round narrows, and ends with 0; the same is no difference", async () => {
    const folder = folderWith({ ...both.files, ...finer() });
    const back = await run(folder, ["diff", "next/contract.odcs.yaml", "contracts/demand", "--json"]);
    expect([back.code, placesOf(back)]).toEqual([0, ["/demand narrowed narrowing"]]);
    const same = await run(folder, ["diff", "next", "next", "--partner", "helix"]);
    expect([same.code, same.out]).toEqual([
      0,
      "demand for helix (urn:bpn:BPNL00000007QWER): demand 1.0.0, no difference\n\n",
    ]);
  });

  test("shows values only with --events, and then of records that come out otherwise", async () => {
    const folder = folderWith({ ...both.files, ...finer() });
    const record = (demand: number): string =>
      `{"material":"CANARY-1","supplier":"BPNL00000007QWER","demand":${demand}}`;
    const events = `${record(1200)}\n${record(1249)}\nno record\n`;
    const args = ["diff", "contracts/demand", "next", "--json"];
    const without = await run(folder, args);
    expect(`${without.out}${without.err}`).not.toContain("CANARY");
    const ended = await run(folder, [...args, "--events", "-"], events);
    expect(json(ended)[0].events).toEqual({
      records: 2,
      differing: 1,
      examples: [
        {
          line: 2,
          pointers: ["/demand"],
          before: expect.objectContaining({
            effect: "permit",
            value: expect.objectContaining({ demand: 1200 }),
          }),
          after: expect.objectContaining({
            effect: "permit",
            value: expect.objectContaining({ demand: 1250 }),
          }),
        },
      ],
    });
    const table = await run(folder, ["diff", "contracts/demand", "next", "--events", "-"], events);
    expect(table.out).toContain("1 of 2 records come out otherwise.\nline 2  /demand\n  before  permit {");
  });

  test("of two policies takes the other policies of the folder on both sides", async () => {
    const policies = {
      "policies/baseline.yaml": POLICY("baseline", "volume"),
      "policies/other.yaml": POLICY("other", "price"),
      "next.yaml": POLICY("baseline", "person"),
    };
    const folder = folderWith({ ...both.files, ...policies });
    const ended = await run(folder, ["diff", "policies/baseline.yaml", "next.yaml", "--json"]);
    expect([ended.code, placesOf(ended)]).toEqual([1, ["/demand widened widening"]]);
    expect(json(ended)[0].changes[0]).toMatchObject({
      before: { by: "baseline/categories" },
      after: { by: "contract" },
    });
  });

  test("of two folders takes each side's own partners and agreements, and tells a contract that is new", async () => {
    const lower = (both.files["partners/helix.yaml"] ?? "").replace("confidential", "internal");
    const year = agreement("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    const extra = {
      "contracts/more/contract.odcs.yaml": CONTRACT.replace("name: demand\n", "name: more\n"),
      "contracts/more/payload.schema.json": both.files["contracts/demand/payload.schema.json"] ?? "",
    };
    const old = folderWith({ ...both.files, "partners/helix.yaml": lower });
    const next = folderWith({ ...both.files, ...extra, "agreements/one.yaml": year });
    const ended = await run(old, ["diff", ".", next, "--json"]);
    expect([ended.code, json(ended).map((each: { contract: string }) => each.contract)]).toEqual([
      1,
      ["demand", "more"],
    ]);
    expect(placesOf(ended)).toEqual(
      expect.arrayContaining(["/demand widened widening", "validity/from narrowed narrowing"]),
    );
    expect(json(ended)[1]).toMatchObject({
      before: null,
      changes: [{ place: "contract", direction: "widened" }],
    });
    const one = await run(old, ["diff", next, ".", "--json", "--contract", "more"]);
    expect([one.code, placesOf(one)]).toEqual([0, ["contract narrowed breaking"]]);
  });

  test.each<[string, readonly string[], number, string]>([
    ["two kinds", ["contracts/demand", "policies/p.yaml"], 2, "is a contract and"],
    ["no such file", ["contracts/demand", "nowhere.yaml"], 1, "can't be read"],
    [
      "a folder without anything",
      ["contracts/demand", "policies"],
      1,
      "neither a gateway.yaml nor a contract",
    ],
    [
      "an unknown partner",
      ["contracts/demand", "contracts/demand", "--partner", "nobody"],
      1,
      "nobody is none of helix",
    ],
    ["an unknown contract", [".", ".", "--contract", "nothing"], 1, "nothing is none of demand"],
  ])("refuses %s", async (_, args, code, words) => {
    const folder = folderWith({ ...both.files, "policies/p.yaml": POLICY("p", "price") });
    const ended = await run(folder, ["diff", ...args]);
    expect([ended.code, ended.out]).toEqual([code, ""]);
    expect(ended.err).toContain(words);
  });
});
