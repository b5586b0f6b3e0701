import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import draft04 from "ajv-draft-04";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { CATEGORIES, CLASSIFICATIONS, type Contract } from "../../src/kernel/contract.ts";
import type { Json } from "../../src/kernel/json.ts";
import { leavesOf } from "../../src/policy/field-tree.ts";
import { withActions } from "../support/egress.ts";
import { fieldsOf, modelContract } from "../support/model-contract.ts";
import {
  baseline,
  decide,
  FITTING,
  inspect,
  outcomes,
  planFor,
  READER,
  where,
} from "../support/model-records.ts";
import { thirdParty } from "../support/third-party.ts";

const folder = thirdParty("catenax/core");

interface Model {
  readonly name: string;
  readonly example: Json;
  /** The example keeps the model's own schema, by a validator of its version. */
  readonly isValid: boolean;
  /** Every field that the schema names, shared and internal. */
  readonly contract: Contract;
}

const parse = (file: string) => JSON.parse(readFileSync(file, "utf8"));

const validators = new draft04.default({ strict: false });
formats.default(validators);

function readModel(file: string): Model {
  const name = basename(file, "-schema.json");
  const schema = parse(file);
  const { contract, problems } = modelContract(name.toLowerCase(), schema, fieldsOf(schema));
  if (contract === undefined) throw new Error(`${name}: ${JSON.stringify(problems)}`);
  const example = parse(file.replace("-schema.json", ".json"));
  return { name, example, isValid: validators.compile(schema)(example), contract };
}

const models = globSync(`${folder ?? "nowhere"}/**/*-schema.json`)
  .sort()
  .map(readModel);
const named = models.map((model) => [model.name, model] as const);
const bundles = [baseline()];

describe.runIf(folder !== undefined)(
  "Catena-X core models (third-party data; skipped where it is not there)",
  () => {
    it("there are fifty-five, and each becomes a contract of several fields", () => {
      expect(models).toHaveLength(55);
      for (const { name, contract } of models)
        expect([name, leavesOf(contract.root).length >= 4]).toEqual([name, true]);
    });

    it.each(named)("%s: nothing listed, nothing leaves", (_, { contract, example }) => {
      const root = { ...contract.root, members: new Map() };
      const admission = decide(example, planFor({ ...contract, root }, bundles));
      const value =
        admission.effect === "permit" ? Buffer.from(admission.record.value ?? "").toString() : "{}";
      expect(value).toBe("{}");
    });

    it("an example leaves, every field shared, just when it keeps its model's own schema", () => {
      const outcome = models.map(({ name, contract, example, isValid }) => {
        const { effect } = decide(example, planFor(contract, []));
        return { name, isValid, leaves: effect === "permit" };
      });
      expect(outcome.filter(({ isValid, leaves }) => isValid !== leaves)).toEqual([]);
      expect(outcome.filter(({ leaves }) => leaves)).toHaveLength(51);
    });

    it("every field shared, under the baseline: what leaves keeps the plan and the partner's schema", () => {
      const seen = outcomes();
      for (const { contract, example } of models)
        inspect([example], contract, planFor(contract, bundles), seen);
      expect(seen.left).toBeGreaterThan(90);
    });

    it("fields of every class and category, for a partner of the second tier under the baseline", () => {
      const seen = outcomes();
      const reader = { ...READER, groups: ["tier-2"] };
      for (const [index, { contract, example }] of models.entries()) {
        const plan = planFor(classified(contract, index), bundles, reader);
        inspect([example], contract, plan, seen);
      }
      expect([...seen.applied]).toEqual(expect.arrayContaining(["drop", "prefix", "pseudonymize", "round"]));
      expect(seen.left).toBeGreaterThan(90);
    });

    it.each(FITTING.map((row, index) => [row[0].action, row, index] as const))(
      "%s on every leaf that it fits",
      (name, [action, types], index) => {
        const seen = outcomes();
        for (const { contract, example } of models.filter((_, at) => at % 4 === index % 4)) {
          const root = withActions(contract.root, where(action, types));
          inspect([example], { ...contract, root }, planFor({ ...contract, root }, []), seen);
        }
        expect(seen.applied).toContain(name);
        expect(seen.left).toBeGreaterThan(20);
      },
    );
  },
);

/** The leaves take classes and categories in turn. */
function classified(contract: Contract, from: number): Contract {
  let turn = from;
  const classed = (field: Contract["root"]): Contract["root"] => {
    turn += 1;
    return {
      ...field,
      classification: CLASSIFICATIONS[turn % 4] ?? "restricted",
      categories: turn % 3 === 0 ? [CATEGORIES[turn % CATEGORIES.length] ?? "person"] : [],
      members: new Map([...field.members].map(([name, child]) => [name, classed(child)])),
      elements: field.elements === undefined ? undefined : classed(field.elements),
    };
  };
  return { ...contract, root: { ...classed(contract.root), classification: "public", categories: [] } };
}
