import { beforeAll, describe, expect, test } from "vitest";
import { Call } from "../../../src/cli/call.ts";
import { explainDecision } from "../../../src/cli/explain/decision.ts";
import type { Operator } from "../../../src/cli/operator.ts";
import { Refusal, UsageError } from "../../../src/cli/refusal.ts";
import { readDocument } from "../../../src/document/document.ts";
import type { ContractRef } from "../../../src/kernel/contract.ts";
import type { Decision, FrameDecision } from "../../../src/kernel/decision.ts";
import { readContract } from "../../../src/mesh/contracts/contract-file.ts";
import { operatorEndpoints } from "../../../src/mesh/operator-endpoints.ts";
import { FRAME, REVOKED } from "../../audit/decisions.ts";
import { type Company, twoCompanies } from "../../mesh/two-companies.ts";
import { companies } from "../aurora.ts";
import { kept } from "../kept.ts";
import { folderWith } from "../program.ts";

const POLICY = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: infosec, version: 1.0.0}
spec:
  modules:
  - {use: limits, with: {depthMax: 3}}
`;
const ID = "0123456789abcdef".repeat(4);
const OTHER = "0123456789".padEnd(64, "f");

let files: Readonly<Record<string, string>>;
let decided: FrameDecision;
beforeAll(async () => {
  files = { ...(await companies()).files, "policies/infosec.yaml": POLICY };
});

/** The operator's rows of a gateway in memory, called without a network. */
function operatorOf(company: Company): Operator {
  const rows = operatorEndpoints({
    ...company,
    clientOf: () => company.clientOf([]),
    links: () => [],
    linkActs: {
      control: async () => ({ paused: false }),
      replay: async () => null,
      stopReplay: async () => null,
      reset: async () => null,
    },
    metrics: () => ({}),
    log: () => company.log(),
    reconcile: async () => null,
  });
  return {
    json: () => Promise.reject(new Error("Only the log is asked for.")),
    lines: async function* (path, body) {
      const row = rows.find((each) => each.path === path);
      const answer = await row?.handle({ partner: "", params: {}, query: {}, body });
      if (answer === undefined || "body" in answer) throw new Error(`${path} is no row with lines.`);
      const lines: string[] = [];
      const out = { write: async (chunk: Uint8Array) => void lines.push(Buffer.from(chunk).toString()) };
      await answer.write(out, new AbortController().signal);
      yield* lines;
    },
  };
}

/** `explain --decision` in a folder whose gateway has these decisions in its log. */
async function explained(
  id: string,
  decisions: readonly Decision[],
  options: Readonly<Record<string, unknown>> = {},
  changed: Readonly<Record<string, string>> = {},
) {
  const { aurora } = await twoCompanies();
  await aurora.decisions.append(decisions);
  const { context, texts } = kept(folderWith({ ...files, ...changed }));
  const exit = await explainDecision(id, operatorOf(aurora), new Call([], options), context);
  return { exit, ...texts };
}

/** What the folder's contract is called. */
function contractRef(): ContractRef {
  const document = readDocument(files["contracts/demand/contract.odcs.yaml"] ?? "", "contract.odcs.yaml");
  if (!document.ok) throw new Error("The contract of this test is well-formed.");
  const schema = Buffer.from(files["contracts/demand/payload.schema.json"] ?? "");
  const { contract } = readContract(document.value, { read: () => schema });
  if (contract === undefined) throw new Error("The contract of this test is sound.");
  return contract.ref;
}

beforeAll(() => {
  const denials = [
    { offset: "1001", reasons: [{ code: "SCOPE_MISMATCH", module: "scope", pointer: "/supplier" }] },
    { offset: "1002", reasons: [{ code: "JSON_TOO_DEEP", module: "infosec/limits" }, { code: "CAME_HOME" }] },
  ] as const;
  const summary = { ...FRAME.summary, denied: 3, denials } as NonNullable<FrameDecision["summary"]>;
  decided = { ...FRAME, frame: `sha-256:${ID}`, contract: contractRef(), summary };
});

describe("a denial is explained after the fact", () => {
  test("with its sentence, its rule, where that stands, and how to mend it", async () => {
    const { exit, out, err } = await explained(ID.slice(0, 16), [REVOKED, FRAME, decided]);
    expect(out.split("\n")).toEqual([
      "Decision 0123456789abcdef of 2026-12-01T10:00:00.000Z",
      `demand 1.0.0 and ${FRAME.partner}, partition 3, plan ${FRAME.plan}`,
      "3 records read, 2 left, 3 stayed.",
      "A decision lists 2 denials at most: 1 more are only counted.",
      "",
      "Offset 1001",
      "  SCOPE_MISMATCH at /supplier (scope, contracts/demand/contract.odcs.yaml:22, contracts/demand/contract.odcs.yaml:25)",
      "    The record is not about this partner: a need-to-know condition does not hold.",
      "    Usually nothing is wrong. If the partner should see it, change the condition.",
      "",
      "Offset 1002",
      "  JSON_TOO_DEEP (infosec/limits, policies/infosec.yaml:6)",
      "    The value is nested deeper than the limit.",
      "    If such records are right, raise depthMax in mesh.limits, and in the policy that sets it.",
      "  CAME_HOME",
      "    The record has already passed the partner it would go to.",
      "    Nothing is to be done: the partner has it.",
      "",
    ]);
    expect([exit, err]).toEqual([0, ""]);
  });

  test("in colours where the screen has them", async () => {
    const { aurora } = await twoCompanies();
    await aurora.decisions.append([decided]);
    const { context, texts } = kept(folderWith(files));
    const out = { ...context.out, paint: (_: string, text: string) => `\u001b[1m${text}\u001b[22m` };
    await explainDecision(ID, operatorOf(aurora), new Call([], {}), { ...context, out });
    expect(texts.out).toContain("\n\u001b[1mOffset 1001\u001b[22m\n  SCOPE_MISMATCH at /supplier");
  });

  test("for one record only, and for machines", async () => {
    const { out } = await explained(`sha-256:${ID}`, [decided], { offset: "1001", json: true });
    const { decision, denials } = JSON.parse(out);
    expect(decision.frame).toBe(decided.frame);
    expect(denials).toMatchObject([{ offset: "1001", reasons: [{ code: "SCOPE_MISMATCH", mend: /./ }] }]);
  });

  test("also where it was written twice, as after a crash", async () => {
    expect((await explained(ID, [decided, decided])).exit).toBe(0);
  });

  test("as far as the folder knows the rules, and with what it does not know", async () => {
    const elsewhere = { ...decided, contract: { ...decided.contract, digest: FRAME.contract.digest } };
    expect((await explained(ID, [elsewhere])).err).toBe(
      "The contract in this folder is another text than the one that was decided under.\n",
    );
    const gone = { ...decided, contract: FRAME.contract };
    const { err, out } = await explained(ID, [gone], {}, { "policies/infosec.yaml": "kind: PolicyBundel\n" });
    expect(err).toBe(
      "This folder has no contract material-demand@2.1.0 that can be read.\nThe policies of this folder can't be read.\n",
    );
    expect(out).toContain("  SCOPE_MISMATCH at /supplier (scope)\n");
  });

  test("of a subscriber's decision says that it denies nothing", async () => {
    const { summary: _, ...received } = decided;
    const { out } = await explained(ID, [{ ...received, side: "subscriber" }]);
    expect(out).toContain("2 records, taken whole: this side denies none.");
  });
});

describe("a decision that can't be told", () => {
  test.each<[string, string, string | undefined, RegExp]>([
    [
      "is not there",
      "f".repeat(16),
      undefined,
      /no decision on a frame whose id begins with ffffffffffffffff/,
    ],
    [
      "is not named clearly",
      "01234567",
      undefined,
      /2 decisions begin so: 0123456789abcdef, 0123456789ffffff/,
    ],
    ["lists no denial of the record", ID, "1000", /offsets 1000 to 1002, and lists 2 of 3 denied/],
  ])("%s is refused", async (_, id, offset, words) => {
    const asked = explained(id, [decided, { ...decided, frame: `sha-256:${OTHER}` }], { offset });
    await expect(asked).rejects.toThrow(words);
    await expect(asked).rejects.toBeInstanceOf(Refusal);
  });

  test.each([["0123456"], ["sha-256:xyz"], ["0123456789ABCDEF"], [`${ID}0`]])("%s is no id", async (id) => {
    await expect(explained(id, [])).rejects.toBeInstanceOf(UsageError);
  });
});
