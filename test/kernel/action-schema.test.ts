import { expect, test } from "vitest";
import { FIELD_ACTION_SCHEMA } from "../../src/kernel/action-schema.ts";
import { ACTION_SCHEMA } from "../../src/policy/action-settings.ts";

test("an action in an agreement takes the parameters that it takes in a contract", () => {
  const { anyOf } = ACTION_SCHEMA as { readonly anyOf: readonly object[] };
  const ofPolicy = anyOf.filter((branch) => "properties" in branch);
  expect(FIELD_ACTION_SCHEMA.oneOf).toEqual(ofPolicy);
});
