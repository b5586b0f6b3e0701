import { beforeAll, describe, expect, test } from "vitest";
import { agreement, type Companies, companies } from "./aurora.ts";
import { type Ended, folderWith, run } from "./program.ts";

let both: Companies;
beforeAll(async () => {
  both = await companies();
});

const record = (more: string): string => `{"material":"M-1","supplier":"BPNL00000007QWER"${more}}`;
const preview = (folder: string, events: string, ...more: readonly string[]): Promise<Ended> =>
  run(folder, ["preview", "demand", "--partner", "helix", "--events", "-", "--json", ...more], events);
const lines = ({ out }: Ended) => out.trimEnd().split("\n");

describe("tiermesh preview", () => {
  test("answers every line in its order, with what leaves byte for byte", async () => {
    const folder = folderWith(both.files);
    const events = [
      `{"key":"k","value":${record(',"price":9.99,"exact":1E+3,"demand":1249')},"headers":[["traceparent","00"],["host","h"]],"timestamp":1795000000123}`,
      record(',"exact":0.10,"canary":"CANARY-1"'),
      '{"material":"M-1","supplier":"BPNL00000001AAAA"}',
      '{"material":"M-1","supplier":',
      `{"value":${record(',"exact":1,"exact":2')}}`,
      "",
      `{"key":7,"value":${record("")}}`,
      `{"value":${record(',"exact":"text"')}}`,
    ].join("\n");
    const ended = await preview(folder, `${events}\n`);
    const [first = "", second = "", ...others] = lines(ended);
    expect(JSON.parse(first)).toMatchObject({
      line: 1,
      effect: "permit",
      reasons: [],
      fields: [
        { pointer: "/demand", action: "round", by: "contract" },
        { pointer: "/price", action: "drop", by: "contract" },
      ],
      record: { key: "k", timestamp: 1795000000123 },
    });
    expect(Object.keys(JSON.parse(first))).toEqual(["line", "effect", "reasons", "fields", "record"]);
    expect(Object.keys(JSON.parse(first).record)).toEqual(["key", "headers", "value", "timestamp"]);
    expect(first).toContain(
      '"value":{"material":"M-1","supplier":"BPNL00000007QWER","exact":1E+3,"demand":1200},',
    );
    expect(JSON.parse(first).record.headers).toContainEqual(["ce_type", "com.aurora.demand.v1"]);
    expect(JSON.parse(first).record.headers).toContainEqual(["traceparent", "00"]);
    expect(first).not.toMatch(/9\.99|"host"/);
    expect(second).toContain('"exact":0.10}');
    expect(second).not.toContain("CANARY");
    expect(others).toEqual([
      '{"line":3,"effect":"deny","reasons":[{"code":"SCOPE_MISMATCH","module":"scope","pointer":"/supplier"}]}',
      '{"line":4,"effect":"deny","reasons":[{"code":"JSON_SYNTAX"}]}',
      '{"line":5,"effect":"deny","reasons":[{"code":"JSON_DUPLICATE_NAME"}]}',
      '{"line":6,"effect":"deny","reasons":[{"code":"JSON_SYNTAX"}]}',
      '{"line":7,"effect":"deny","reasons":[{"code":"EVENT_INVALID"}]}',
      '{"line":8,"effect":"deny","reasons":[{"code":"SCHEMA_MISMATCH","pointer":"/exact"}]}',
    ]);
    expect(ended.code).toBe(0);
    expect(ended.err).toContain("No agreement on demand with helix");
    expect(ended.err).toContain("cx.dcm.base (the contract's first)");
  });

  test("denies everything under an agreement that has ended", async () => {
    const ended = await preview(
      folderWith({ ...both.files, "old.yaml": agreement("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z") }),
      record(""),
      "--agreement",
      "old.yaml",
    );
    expect(lines(ended)).toEqual(['{"line":1,"effect":"deny","reasons":[{"code":"AGREEMENT_EXPIRED"}]}']);
    expect([ended.code, ended.err.includes("It ended at 2021-01-01")]).toEqual([0, true]);
  });

  test("works without keys, and says that pseudonyms are samples", async () => {
    const files = Object.entries(both.files).filter(([name]) => !name.startsWith("keys/"));
    const ended = await preview(
      folderWith(Object.fromEntries(files)),
      record(""),
      "--purpose",
      "cx.puris.base",
    );
    expect(lines(ended)[0]).toContain('"effect":"permit"');
    expect(ended.err).toContain("pseudonyms are samples");
  });

  test("stops at a policy that it can't read, because it could only take away", async () => {
    const folder = folderWith({ ...both.files, "policies/infosec.yaml": "kind: PolicyBundel\n" });
    const ended = await preview(folder, record(""));
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toContain("policies/infosec.yaml:1:7  error  file.kind");
    expect(ended.err).toContain("Did you mean `PolicyBundle`?");
  });

  test.each([
    [
      "another contract",
      ["preview", "demnd", "--partner", "helix", "--events", "-"],
      "demnd is none of demand@1.0.0",
    ],
    ["another partner", ["preview", "demand", "--partner", "hlix", "--events", "-"], "hlix is none of helix"],
    ["no events", ["preview", "demand", "--partner", "helix", "--events", "none"], "at none"],
  ])("says what there is instead of %s", async (_, args, words) => {
    const ended = await run(folderWith(both.files), args);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toContain(words);
    expect(ended.err).not.toContain("    at ");
  });
});
