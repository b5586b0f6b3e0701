import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import type { Case } from "../../../src/cli/cases/case-file.ts";
import { runCase } from "../../../src/cli/cases/run-case.ts";
import { Folder } from "../../../src/cli/folder.ts";
import { companies, HELIX } from "../aurora.ts";
import { kept } from "../kept.ts";
import { folderWith } from "../program.ts";

const GIVEN: Case = {
  name: "demand",
  partner: { id: HELIX, clearance: "confidential" },
  purpose: "cx.dcm.base",
  now: "2026-11-22T09:00:00Z",
  record: { value: { material: "M-1", supplier: "BPNL00000007QWER", demand: 1249 } },
  expect: { effect: "permit" },
};

test("a case is decided without keys and clocks, so it ends the same everywhere", async () => {
  const path = folderWith((await companies()).files);
  const { value: contract } = new Folder(path, kept(path).context).contract("demand");
  const run = (change: Partial<Case> = {}) => runCase({ ...GIVEN, ...change }, contract, []).admission;
  const permit = run();
  const { record } = permit.effect === "permit" ? permit : { record: undefined };
  expect(Buffer.from(record?.value ?? []).toString()).toBe(
    '{"material":"M-1","supplier":"BPNL00000007QWER","demand":1200}',
  );
  expect(record?.timestamp).toBe(BigInt(Date.parse(GIVEN.now)));
  expect(run()).toEqual(permit);
  expect(run({ purpose: "cx.other" })).toMatchObject({ reasons: [{ code: "PURPOSE_NOT_ALLOWED" }] });
  expect(run({ partner: { id: "urn:x-other:1" } })).toMatchObject({ reasons: [{ code: "SCOPE_MISMATCH" }] });
  expect(run({ record: { text: '{"a":1,"a":1}' } })).toMatchObject({
    reasons: [{ code: "JSON_DUPLICATE_NAME" }],
  });
});
