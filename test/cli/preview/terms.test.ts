import { beforeAll, describe, expect, test } from "vitest";
import { Call } from "../../../src/cli/call.ts";
import { subjectOf } from "../../../src/cli/preview/terms.ts";
import { Refusal } from "../../../src/cli/refusal.ts";
import { AURORA, agreement, type Companies, companies, HELIX } from "../aurora.ts";
import { kept } from "../kept.ts";
import { folderWith } from "../program.ts";

let both: Companies;
beforeAll(async () => {
  both = await companies();
});

const NOW = Date.parse("2026-11-22T09:00:00Z");
const [PAST, EARLIER, AHEAD, LATER] = ["2020-01-01", "2021-01-01", "2028-01-01", "2029-01-01"].map(
  (day) => `${day}T00:00:00Z`,
) as [string, string, string, string];

/** The subject of `explain demand --partner helix` in a folder with these agreements besides, and what stderr says. */
function subject(
  agreements: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string>> = {},
) {
  const { context, texts } = kept(folderWith({ ...both.files, ...agreements }), NOW);
  const found = subjectOf(new Call(["demand"], { partner: "helix", ...options }), context);
  return { ...found, said: texts.err };
}

describe("the terms of a preview", () => {
  test("are the contract's first purpose where there is no agreement", () => {
    const { plan, terms, said } = subject({});
    expect([terms.agreement, terms.now, plan.purpose, plan.denials]).toEqual([
      undefined,
      NOW,
      "cx.dcm.base",
      [],
    ]);
    expect(said).toContain("No agreement on demand with helix");
  });

  test("are the folder's agreement as if it were active", () => {
    const { plan, said } = subject({ "agreements/a.yaml": agreement(PAST, LATER, [[both.helix, HELIX]]) });
    expect([plan.purpose, plan.denials]).toEqual(["cx.puris.base", []]);
    expect(said).toBe("Agreement agreements/a.yaml: requested, 1 of 2 signatures.\n");
  });

  test("hold as of the agreement's start where that lies ahead", () => {
    const signers = [
      [both.helix, HELIX],
      [both.aurora, AURORA],
    ] as const;
    const { terms, said } = subject({ "agreements/a.yaml": agreement(AHEAD, LATER, signers) });
    expect(terms.now).toBe(Date.parse(AHEAD));
    expect(said).toContain("signed by both. It starts at 2028-01-01T00:00:00.000Z: decided as of then.");
  });

  test("are those of the running one of several agreements", () => {
    const { said } = subject({
      "agreements/1.yaml": agreement(PAST, EARLIER),
      "agreements/2.yaml": agreement(EARLIER, LATER),
      "agreements/3.yaml": agreement(EARLIER, LATER, [], { consumer: "urn:x-other:1" }),
    });
    expect(said).toContain("Agreement agreements/2.yaml");
  });

  test("are those of the agreement that is named, though it has ended", () => {
    const files = { "agreements/2.yaml": agreement(EARLIER, LATER), "old.yaml": agreement(PAST, EARLIER) };
    const { plan, said } = subject(files, { agreement: "old.yaml" });
    expect(plan.validity.until).toBe(Date.parse(EARLIER));
    expect(said).toContain("Agreement old.yaml: requested, 0 of 2 signatures. It ended at 2021-01-01");
  });

  test("are without an agreement where the purpose asked for has none", () => {
    const { plan, said } = subject(
      { "agreements/a.yaml": agreement(PAST, LATER) },
      { purpose: "cx.unheard.of" },
    );
    expect(plan.denials).toEqual([{ code: "PURPOSE_NOT_ALLOWED" }]);
    expect(said).toContain("No agreement on demand with helix for cx.unheard.of");
  });

  test("let nothing through where the agreement is on another text of the contract", () => {
    const other = agreement(PAST, LATER, [], { contractDigest: `sha-256:${"0".repeat(64)}` });
    const { plan, said } = subject({ "agreements/a.yaml": other });
    expect(plan.denials).toEqual([{ code: "CONTRACT_NOT_ACTIVE" }]);
    expect(said).toContain("It is on another text of the contract");
  });

  test("warn of what both agreed to take away and the contract does not list", () => {
    const said = (path: string) =>
      subject({ "agreements/a.yaml": agreement(PAST, LATER, [], { narrow: { [path]: { action: "drop" } } }) })
        .said;
    expect(said("/demand")).not.toContain("warning");
    const line = /^agreements\/a\.yaml:\d+:\d+ {2}warning {2}agreement\.narrow-in-vain$/m;
    expect(said("/demnd")).toMatch(line);
    expect(said("/demnd")).toContain(
      "lists no field `/demnd`, so `mesh.narrow` takes nothing away there.\n  Did you mean `/demand`?",
    );
  });

  test("are told without what could steer a terminal", () => {
    const files = { "agreements/a.yaml": agreement(PAST, LATER, [], { purpose: "a\u001b[2Jb" }) };
    expect(subject(files, { purpose: "x" }).said).not.toContain("\u001b");
    expect(subject(files, { agreement: "agreements/a.yaml", purpose: "x" }).said).toContain(
      "instead of a\uFFFD[2Jb.",
    );
  });

  test("can't be read from a file of another kind", () => {
    expect(() => subject({}, { agreement: "card.yaml" })).toThrow(Refusal);
  });
});
