import { beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../../src/kernel/endpoint.ts";
import type { Json } from "../../src/kernel/json.ts";
import { operatorEndpoints } from "../../src/mesh/operator-endpoints.ts";
import { partnerEndpoints } from "../../src/mesh/partner-endpoints.ts";
import {
  AGREEMENT,
  agreed,
  agreementFiles,
  type Company,
  contractFiles,
  HELIX,
  NOW,
  PURPOSE,
  type Two,
  twoCompanies,
} from "./two-companies.ts";

let two: Two;
/** What was asked of links. */
let asked: (readonly string[])[];
beforeEach(async () => {
  asked = [];
  two = await twoCompanies();
});

const rowsOf = (company: Company) =>
  operatorEndpoints({
    ...company,
    clientOf: () => {
      const { aurora, helix } = two;
      return helix.clientOf(partnerEndpoints({ ...aurora, decisions: () => aurora.log() }));
    },
    links: () => [{ agreement: AGREEMENT, state: "serving" }],
    linkActs: {
      control: async (agreement, act, reason) => {
        asked.push([act, agreement, reason]);
        return { paused: act === "pause" };
      },
      replay: async (agreement, body) => ({ agreement, body }),
      stopReplay: async (replay) => ({ replay, status: "stopped" }),
      reset: async (agreement, body) => ({ agreement, body }),
    },
    metrics: () => ({ "link.frame.sent": 7 }),
    log: () => company.log(),
    reconcile: async (agreement) => ({ agreed: true, agreement }),
  });

interface Given {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

async function call(
  path: string,
  { params = {}, query = {}, body = null }: Given = {},
  company = two.aurora,
) {
  const row = rowsOf(company).find((each) => each.path === `/operator/${path}`);
  if (row === undefined) throw new Error(`There is no row ${path}.`);
  return await row.handle({ partner: "", params, query, body });
}
async function bodyOf(answer: Promise<Answer>): Promise<Json> {
  const given = await answer;
  return "body" in given ? given.body : null;
}
const code = (name: string, words = /./) =>
  expect.objectContaining({ code: name, message: expect.stringMatching(words) });

test("every row is the operator's, below one path", () => {
  const rows = rowsOf(two.aurora);
  expect(new Set(rows.map(({ access }) => access))).toEqual(new Set(["operator"]));
  expect(rows.every(({ path }) => path.startsWith("/operator/"))).toBe(true);
});

describe("changes", () => {
  const newer = contractFiles(["version: 2.1.0", "version: 2.2.0"]);

  test("are applied, and dry ones only told", async () => {
    expect(await bodyOf(call("changes", { body: newer, query: { dry: "true" } }))).toMatchObject({
      outcome: "created",
    });
    expect(await bodyOf(call("changes", { body: newer }))).toMatchObject({ outcome: "created" });
    expect(await bodyOf(call("changes", { body: newer }))).toMatchObject({ outcome: "unchanged" });
  });

  test.each<[string, Json]>([
    ["nothing", null],
    ["a list", []],
    ["a kind that can't be applied", { ...newer, kind: "Gateway" }],
    ["a kind that only acts on links write", { ...newer, kind: "LinkControl" }],
    ["no files", { kind: "DataContract", main: "contract.odcs.yaml" }],
    ["files that are no texts", { ...newer, files: { "contract.odcs.yaml": 1 } }],
    ["no main file", { kind: "DataContract", files: {} }],
  ])("with %s are refused", async (_, body) => {
    await expect(call("changes", { body })).rejects.toEqual(code("REQUEST_INVALID"));
  });
});

describe("a request for access", () => {
  const wish = { contract: "material-demand", from: "aurora", purpose: PURPOSE };

  test("is made and answered with its id", async () => {
    const body = { ...wish, until: "2027-06-30", parameters: { plants: ["4711"] } };
    const answer = await bodyOf(call("requests", { body }, two.helix));
    const { id } = answer as { readonly id: string };
    expect(answer).toEqual({ id, status: "requested" });
    expect(two.aurora.agreement(id)).toMatchObject({
      endsAt: Date.UTC(2027, 5, 30),
      parameters: { plants: ["4711"] },
    });
  });

  test.each<[string, Json, RegExp]>([
    ["without a contract", { from: "aurora", purpose: PURPOSE }, /contract is missing/],
    ["with a number as purpose", { ...wish, purpose: 7 }, /purpose must be a text/],
    ["with an end that is no date", { ...wish, until: "soon" }, /until is not a date/],
    [
      "with parameters that are numbers",
      { ...wish, parameters: { plant: 4711 } },
      /parameters must hold texts/,
    ],
    ["that is no object", [wish], /must be a JSON object/],
  ])("%s is refused", async (_, body, words) => {
    await expect(call("requests", { body }, two.helix)).rejects.toEqual(code("REQUEST_INVALID", words));
  });
});

describe("an act on an agreement", () => {
  const act = async (name: string, id = AGREEMENT, body: Json = null) =>
    await bodyOf(call("agreements/:id/:act", { params: { id, act: name }, body }));

  test("takes the beginning of its id, and keeps the reason", async () => {
    await agreed(two);
    expect(await act("revoke", AGREEMENT.slice(0, 8), { reason: "Ended." })).toEqual({
      id: AGREEMENT,
      status: "revoked",
    });
    expect((await two.aurora.acts()).at(-1)).toMatchObject({ act: "agreement.revoked", note: "Ended." });
  });

  test("of the subscriber that ends it is told to the publisher, so that both logs say it", async () => {
    await agreed(two);
    const revoked = call("agreements/:id/:act", { params: { id: AGREEMENT, act: "revoke" } }, two.helix);
    expect(await bodyOf(revoked)).toEqual({ id: AGREEMENT, status: "revoked", publisherTold: true });
    expect((await two.aurora.acts()).at(-1)).toMatchObject({ act: "agreement.revoked", actor: HELIX });
  });

  test.each([
    ["an act that there is not", "bless", AGREEMENT],
    ["an act by a name of every object", "constructor", AGREEMENT],
    ["an agreement that there is not", "revoke", "00000000"],
    ["no id", "revoke", ""],
  ])("is NOT_FOUND for %s", async (_, name, id) => {
    await agreed(two);
    await expect(act(name, id)).rejects.toEqual(code("NOT_FOUND"));
  });

  test("is NOT_FOUND when two agreements begin so", async () => {
    await agreed(two);
    const document = two.aurora.document() as Readonly<Record<string, Json>>;
    const twin = `${AGREEMENT.slice(0, 8)}-0000-4000-8000-000000000000`;
    await two.aurora.accept(agreementFiles({ ...document, id: twin }));
    await expect(act("revoke", AGREEMENT.slice(0, 8))).rejects.toEqual(code("NOT_FOUND", /more than one/));
  });
});

describe("an act on a link", () => {
  const begun = { params: { id: AGREEMENT.slice(0, 8) } };

  test.each<[string, Json, Json]>([
    ["agreements/:id/pause", { reason: "Moving." }, { id: AGREEMENT, paused: true }],
    ["agreements/:id/replays", { from: "earliest" }, { agreement: AGREEMENT, body: { from: "earliest" } }],
    ["agreements/:id/reset", { by: "event" }, { agreement: AGREEMENT, body: { by: "event" } }],
  ])("by the beginning of its agreement's id: %s", async (path, body, answer) => {
    await agreed(two);
    expect(await bodyOf(call(path, { ...begun, body }))).toEqual(answer);
    await expect(call(path, { params: { id: "none" }, body })).rejects.toEqual(code("NOT_FOUND"));
  });

  test("resumes it, and the agreement where that is suspended", async () => {
    await agreed(two);
    const resume = async () =>
      await bodyOf(call("agreements/:id/:act", { params: { id: AGREEMENT, act: "resume" } }));
    expect(await resume()).toEqual({ id: AGREEMENT, status: "approved", paused: false });
    await two.aurora.agreements.act(AGREEMENT, "suspend", "");
    expect(await resume()).toEqual({ id: AGREEMENT, status: "approved", paused: false });
    expect(asked).toEqual([
      ["resume", AGREEMENT, ""],
      ["resume", AGREEMENT, ""],
    ]);
    await two.aurora.agreements.act(AGREEMENT, "revoke", "Ended.");
    await expect(resume()).rejects.toEqual(code("CONFLICT"));
    expect(asked).toHaveLength(2);
  });

  test("stops a replay", async () => {
    expect(await bodyOf(call("replays/:id/stop", { params: { id: "1234" } }))).toEqual({
      replay: "1234",
      status: "stopped",
    });
  });
});

describe("what there is", () => {
  test("is listed by kind", async () => {
    const things = async (kind: string) => await bodyOf(call("things/:kind", { params: { kind } }));
    expect(await things("partners")).toMatchObject([{ id: HELIX }]);
    expect(await things("links")).toEqual([{ agreement: AGREEMENT, state: "serving" }]);
    for (const kind of ["wishes", "constructor", "toString", "__proto__"])
      await expect(things(kind)).rejects.toEqual(code("NOT_FOUND"));
    expect(await bodyOf(call("metrics"))).toEqual({ "link.frame.sent": 7 });
  });

  test("of the audit comes as one decision a line", async () => {
    await agreed(two);
    const answer = await call("audit/query", { body: { agreement: AGREEMENT } });
    if ("body" in answer) throw new Error("The answer is a stream.");
    const lines: string[] = [];
    const out = { write: async (chunk: Uint8Array) => void lines.push(Buffer.from(chunk).toString()) };
    await answer.write(out, new AbortController().signal);
    expect(lines.map((line) => JSON.parse(line).act)).toEqual(["agreement.requested", "agreement.approved"]);
    expect(lines.every((line) => line.endsWith("\n"))).toBe(true);
    expect(NOW).toBe(Date.parse(JSON.parse(lines[0] ?? "{}").time));
  });

  test("reconciles an agreement by the beginning of its id", async () => {
    await agreed(two);
    const reconciling = call("audit/reconcile/:id", { params: { id: AGREEMENT.slice(0, 8) } });
    expect(await bodyOf(reconciling)).toEqual({ agreed: true, agreement: AGREEMENT });
    await expect(call("audit/reconcile/:id", { params: { id: "none" } })).rejects.toEqual(code("NOT_FOUND"));
  });
});
