import {
  AUTHORITATIVE_DEFINITIONS,
  COUNT,
  CUSTOM_PROPERTIES,
  choose,
  closed,
  definition,
  FLAG,
  list,
  NUMBER,
  SCALAR,
  STABLE_ID,
  TEXT,
  TEXTS,
} from "./pieces.ts";
import { QUALITY } from "./quality.ts";
import { PROPERTY_RELATIONSHIPS, SCHEMA_RELATIONSHIPS } from "./relationships.ts";

/** Bounds are flags beside `minimum` in 3.0, and bounds of their own from 3.1 on. */
const EDGE = { type: ["number", "boolean"] };
const DATE_EDGE = { type: ["string", "boolean"] };
const NUMERIC = {
  multipleOf: { type: "number", exclusiveMinimum: 0 },
  minimum: NUMBER,
  maximum: NUMBER,
  exclusiveMinimum: EDGE,
  exclusiveMaximum: EDGE,
};
const MOMENT = {
  format: TEXT,
  minimum: TEXT,
  maximum: TEXT,
  exclusiveMinimum: DATE_EDGE,
  exclusiveMaximum: DATE_EDGE,
};
const ZONED = { ...MOMENT, timezone: FLAG, defaultTimezone: TEXT };
const INTEGER_FORMATS = ["i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128"];

/** Logical type → what `logicalTypeOptions` may say of it. */
const TYPE_OPTIONS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  string: { minLength: COUNT, maxLength: COUNT, pattern: TEXT, format: TEXT },
  date: MOMENT,
  timestamp: ZONED,
  time: ZONED,
  integer: { ...NUMERIC, format: { enum: INTEGER_FORMATS } },
  number: { ...NUMERIC, format: { enum: ["f32", "f64"] } },
  object: {
    minProperties: COUNT,
    maxProperties: COUNT,
    required: { type: "array", items: TEXT, minItems: 1, uniqueItems: true },
  },
  array: { minItems: COUNT, maxItems: COUNT, uniqueItems: FLAG },
};

/** Types that came with 3.2. */
const LATER_TYPES = ["map", "vector"];

const ABOUT = {
  id: STABLE_ID,
  name: TEXT,
  businessName: TEXT,
  description: TEXT,
  physicalName: TEXT,
  physicalType: TEXT,
  tags: TEXTS,
  synonyms: list(
    closed(
      {
        id: STABLE_ID,
        synonym: TEXT,
        description: TEXT,
        locale: TEXT,
        source: TEXT,
        status: TEXT,
        customProperties: CUSTOM_PROPERTIES,
      },
      ["synonym"],
    ),
  ),
  deprecated: FLAG,
  context: definition("context"),
  quality: definition("quality"),
  authoritativeDefinitions: AUTHORITATIVE_DEFINITIONS,
  customProperties: CUSTOM_PROPERTIES,
};

const ENUM = {
  type: "array",
  minItems: 1,
  uniqueItems: true,
  items: closed(
    {
      id: STABLE_ID,
      value: SCALAR,
      label: TEXT,
      description: TEXT,
      tags: TEXTS,
      customProperties: CUSTOM_PROPERTIES,
      authoritativeDefinitions: AUTHORITATIVE_DEFINITIONS,
    },
    ["value"],
  ),
};

const PROPERTY = {
  ...ABOUT,
  logicalType: { enum: [...Object.keys(TYPE_OPTIONS), "boolean", ...LATER_TYPES] },
  logicalTypeOptions: { type: "object" },
  primaryKey: FLAG,
  primaryKeyPosition: { type: "integer" },
  required: FLAG,
  unique: FLAG,
  partitioned: FLAG,
  partitionKeyPosition: { type: "integer" },
  classification: TEXT,
  encryptedName: TEXT,
  transformSourceObjects: TEXTS,
  transformLogic: TEXT,
  transformDescription: TEXT,
  examples: list({}),
  criticalDataElement: FLAG,
  semanticType: { enum: ["column", "measure", "dimension"] },
  enum: ENUM,
  relationships: PROPERTY_RELATIONSHIPS,
  properties: list(definition("property")),
  items: definition("item"),
  map: closed({ key: definition("item"), value: definition("item") }, ["key", "value"]),
};

const isOfType = (type: string): object => ({
  properties: { logicalType: { const: type } },
  required: ["logicalType"],
});

/** What a property's type says about its other members. Without a type nothing is asked of them. */
const BY_TYPE = [
  ...Object.entries(TYPE_OPTIONS).map(([type, options]) =>
    choose(isOfType(type), { properties: { logicalTypeOptions: closed(options) } }, {}),
  ),
  choose(isOfType("map"), { required: ["map"] }, {}),
];

/** Definitions that a contract's schema holds besides its sections. */
export const FIELD_DEFINITIONS = {
  quality: QUALITY,
  item: { ...closed(PROPERTY), allOf: BY_TYPE },
  property: { ...definition("item"), required: ["name"] },
};

export const SCHEMA_SECTION = list(
  closed(
    {
      ...ABOUT,
      logicalType: { const: "object" },
      dataGranularityDescription: TEXT,
      properties: list(definition("property")),
      relationships: SCHEMA_RELATIONSHIPS,
    },
    ["name"],
  ),
);
