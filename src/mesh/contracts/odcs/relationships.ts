import { CUSTOM_PROPERTIES, choose, closed, list } from "./pieces.ts";

/** `orders.customer_id`, with more parts from 3.2 on; or `schema/orders/properties/customer_id`, in another file too. */
const REFERENCE = {
  type: "string",
  anyOf: [
    { pattern: "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)+$" },
    { pattern: "^([A-Za-z0-9._:/-]+\\.yaml#)?/?[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z0-9_-]+)+$" },
  ],
};
const REFERENCES = { type: "array", items: REFERENCE, minItems: 1 };
const COMMON = { type: { const: "foreignKey" }, customProperties: CUSTOM_PROPERTIES };

/** Between schema objects: both ends are written, both one reference or both a list. */
export const SCHEMA_RELATIONSHIPS = list(
  choose(
    { properties: { from: { type: "array" } }, required: ["from"] },
    closed({ ...COMMON, from: REFERENCES, to: REFERENCES }, ["from", "to"]),
    closed({ ...COMMON, from: REFERENCE, to: REFERENCE }, ["from", "to"]),
  ),
);

/** Of a property: it is itself the end where it begins. */
export const PROPERTY_RELATIONSHIPS = list(
  closed({ ...COMMON, to: choose({ type: "array" }, REFERENCES, REFERENCE) }, ["to"]),
);
