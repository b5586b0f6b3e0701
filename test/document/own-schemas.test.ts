import type { AnySchema } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { compileShape, soundShape } from "../../src/document/shape.ts";
import { ODCS } from "../../src/mesh/contracts/odcs/odcs.ts";
import { AGREEMENT_SHAPE, MESH_PROPERTY_SHAPES } from "../../src/tenants/agreement-shape.ts";
import { CARD_SHAPE } from "../../src/tenants/card-shape.ts";

/** What is wrong with the schemas that are compiled while something runs, by their own meta-schemas. */
function faultsOf(run: () => void): readonly unknown[] {
  const faults: unknown[] = [];
  let compiled = 0;
  for (const dialect of [Ajv2019, Ajv2020]) {
    const { compile } = dialect.prototype;
    vi.spyOn(dialect.prototype, "compile").mockImplementation(function (this: Ajv2020, schema: AnySchema) {
      compiled += 1;
      const judge = new dialect({ strict: false, logger: false });
      if (judge.validateSchema(schema) !== true) faults.push(judge.errors);
      return compile.call(this, schema);
    } as typeof compile);
  }
  run();
  expect(compiled).toBeGreaterThan(0);
  return faults;
}
afterEach(() => vi.restoreAllMocks());

describe("our own schemas are sound by their meta-schemas, which the gateway does not compile", () => {
  test.each([
    ["contracts", ODCS],
    ["agreements", AGREEMENT_SHAPE],
    ["cards", CARD_SHAPE],
    ...MESH_PROPERTY_SHAPES,
  ])("%s", (_, shape) => {
    expect(faultsOf(() => shape.validate({}))).toEqual([]);
  });

  test.each<[object, boolean]>([
    [{ type: "object" }, true],
    [{ type: "object", required: "all" }, false],
    [{ type: "no such type" }, false],
  ])("and one of an operator's is looked at at once: %o", (schema, sound) => {
    expect(soundShape(schema, "bundle") !== undefined).toBe(sound);
  });

  test("and one that is not is found", () => {
    const broken = compileShape({ type: "object", required: "all" });
    expect(faultsOf(() => expect(() => broken.validate({})).toThrow())).toHaveLength(1);
  });
});
