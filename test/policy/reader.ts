import { Ajv2020 } from "ajv/dist/2020.js";
import type { Json, JsonMembers } from "../../src/kernel/json.ts";
import type { PolicyPlan } from "../../src/kernel/plan.ts";
import type { FieldKeys } from "../../src/kernel/ports.ts";
import { toNode, writeJson } from "../../src/kernel/strict-json.ts";
import { evaluate } from "../../src/policy/evaluate.ts";
import { FORMATS } from "../../src/policy/formats.ts";
import { compilePlan, type PlanInput } from "../../src/policy/plan.ts";
import { contract, facts, input, keys, partner, permitted, type Sketch } from "./sample.ts";

const ajv = new Ajv2020({ strict: true, formats: Object.fromEntries(FORMATS) });

/** A strict validator that takes formats as the gateway does. */
export function validator(schema: JsonMembers): (value: unknown) => boolean {
  const accepts = ajv.compile(schema);
  return (value) => accepts(value);
}

/** Seals of the form of a JWE. */
const sealing: FieldKeys = {
  ...keys,
  sealer: { seal: (plain) => `aGVhZA..aXY.${Buffer.from(plain).toString("base64url")}.dGFn` },
};

/** A partner who can be encrypted for. */
export const reader = partner({
  card: {
    ...partner().card,
    keys: [{ kid: "e1", use: "enc", jwk: { kty: "OKP", crv: "X25519", x: "eA" } }],
  },
});

export const planOf = (
  fields: Readonly<Record<string, Sketch>>,
  changed: Partial<PlanInput> = {},
): PolicyPlan => compilePlan(input(contract(fields), { partner: reader, ...changed }));

/** What leaves of a value; undefined: the record is denied. */
export function leaves(plan: PolicyPlan, value: Json): Json | undefined {
  const verdict = evaluate(plan, facts(toNode(value)), sealing);
  return verdict.effect === "deny" ? undefined : JSON.parse(writeJson(permitted(verdict).data ?? toNode({})));
}
