import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Contract } from "../../src/kernel/contract.ts";
import type { Json } from "../../src/kernel/json.ts";
import { leavesOf } from "../../src/policy/field-tree.ts";
import { withActions } from "../support/egress.ts";
import { fieldsIn, modelContract, without } from "../support/model-contract.ts";
import { baseline, decide, FITTING, inspect, outcomes, planFor, where } from "../support/model-records.ts";
import { thirdParty } from "../support/third-party.ts";

const folder = thirdParty("epcis");
const parse = (file: string) => JSON.parse(readFileSync(file, "utf8"));

/** Documents with many events, and single events: with members that the standard leaves to everybody. */
const records: readonly Json[] = ["openepcis-test-resources/Capture/**", "event-sentry/epcis-events"].flatMap(
  (part) =>
    globSync(`${folder ?? "nowhere"}/${part}/*.json`)
      .sort()
      .map(parse),
);

const OBJECT = "/schema/0";

/** Every field of the records that the schema knows, shared. Extensions have names of their own, and stay. */
function contractOf(name: string, schema: Json): Contract {
  let fields = fieldsIn(records);
  for (;;) {
    const { contract, problems } = modelContract(name, schema, fields);
    if (contract !== undefined) return contract;
    const unknown = problems.flatMap(({ rule, pointer }) =>
      rule === "mesh.not-in-schema" ? [pointer.slice(OBJECT.length)] : [],
    );
    if (unknown.length === 0) throw new Error(JSON.stringify(problems));
    fields = without(fields, unknown);
  }
}

function subjects(): readonly (readonly [string, Contract])[] {
  if (folder === undefined) return [];
  const standard = parse(`${folder}/schema/EPCISDocument.schema.json`);
  const { $schema, definitions } = standard;
  const documents = { $schema, definitions, $ref: "#/definitions/epcisDocument" };
  return [
    ["anything of the standard, which its schema tells apart by conditions", contractOf("epcis", standard)],
    ["documents", contractOf("epcis-documents", documents)],
  ];
}

const BUNDLES = [baseline()];

describe.runIf(folder !== undefined)("EPCIS (third-party data; skipped where it is not there)", () => {
  const contracts = subjects();

  it("all records are seen, and most of their fields are known to the standard", () => {
    expect(records).toHaveLength(49);
    for (const [, contract] of contracts) expect(leavesOf(contract.root).length).toBeGreaterThan(70);
  });

  describe.each(contracts)("%s", (_, contract) => {
    it("nothing listed, nothing leaves", () => {
      const root = { ...contract.root, members: new Map() };
      for (const record of records) {
        const admission = decide(record, planFor({ ...contract, root }, BUNDLES));
        if (admission.effect === "permit")
          expect(Buffer.from(admission.record.value ?? "").toString()).toBe("{}");
      }
    });

    it("every field shared, under the baseline: what leaves keeps the plan and the partner's schema", () => {
      const seen = outcomes();
      inspect(records, contract, planFor(contract, BUNDLES), seen);
      expect(seen.left).toBeGreaterThan(80);
    });

    it.each(FITTING)("$action on every leaf that it fits", (action, types) => {
      const seen = outcomes();
      const root = withActions(contract.root, where(action, types));
      inspect(records, { ...contract, root }, planFor({ ...contract, root }, []), seen);
      expect(seen.applied).toContain(action.action);
      expect(seen.left).toBeGreaterThan(80);
    });
  });
});
