import { compileShape, type Shape } from "../../../document/shape.ts";
import { FIELD_DEFINITIONS, SCHEMA_SECTION } from "./fields.ts";
import { PRICE, ROLE, SUPPORT, TEAM } from "./people.ts";
import {
  AUTHORITATIVE_DEFINITIONS,
  CUSTOM_PROPERTIES,
  choose,
  closed,
  definition,
  list,
  SCALAR,
  SHARED_DEFINITIONS,
  STABLE_ID,
  TEXT,
  TEXTS,
} from "./pieces.ts";
import { SERVERS_SECTION } from "./servers.ts";

/** Versions of the standard that are read. */
const VERSIONS = ["v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0"];

/** From 3.2 on a contract may have no status. */
const WITHOUT_STATUS = ["v3.2.0"];

const DESCRIPTION = {
  type: "object",
  properties: {
    usage: TEXT,
    purpose: TEXT,
    limitations: TEXT,
    authoritativeDefinitions: AUTHORITATIVE_DEFINITIONS,
    customProperties: CUSTOM_PROPERTIES,
  },
};

const SLA = list(
  closed(
    {
      id: STABLE_ID,
      property: TEXT,
      value: SCALAR,
      valueExt: SCALAR,
      unit: TEXT,
      element: TEXT,
      driver: TEXT,
      description: TEXT,
      scheduler: TEXT,
      schedule: TEXT,
      customProperties: CUSTOM_PROPERTIES,
    },
    ["property", "value"],
  ),
);

const NOTE = {
  id: TEXT,
  authoritativeDefinitions: AUTHORITATIVE_DEFINITIONS,
  tags: TEXTS,
  customProperties: CUSTOM_PROPERTIES,
};

/** Words for machines that read the data (3.2). */
const CONTEXT = choose(
  { type: "string" },
  TEXT,
  closed({
    instructions: TEXT,
    verifiedStatements: list(closed({ ...NOTE, question: TEXT, answer: TEXT }, ["question"])),
    constraints: list(closed({ ...NOTE, constraint: TEXT }, ["constraint"])),
  }),
);

const SECTIONS = {
  version: TEXT,
  kind: { const: "DataContract" },
  apiVersion: { enum: VERSIONS },
  id: TEXT,
  name: TEXT,
  tenant: TEXT,
  status: TEXT,
  tags: TEXTS,
  dataProduct: TEXT,
  domain: TEXT,
  description: DESCRIPTION,
  context: definition("context"),
  servers: SERVERS_SECTION,
  schema: SCHEMA_SECTION,
  support: SUPPORT,
  price: PRICE,
  team: TEAM,
  roles: list(ROLE),
  slaDefaultElement: TEXT,
  slaProperties: SLA,
  authoritativeDefinitions: AUTHORITATIVE_DEFINITIONS,
  customProperties: CUSTOM_PROPERTIES,
  contractCreatedTs: { type: "string", format: "date-time" },
};

const SCHEMA = {
  ...closed(SECTIONS, ["version", "apiVersion", "kind", "id"]),
  allOf: [choose({ properties: { apiVersion: { enum: WITHOUT_STATUS } } }, {}, { required: ["status"] })],
  $defs: { ...SHARED_DEFINITIONS, ...FIELD_DEFINITIONS, context: CONTEXT },
};

/** The structure of an Open Data Contract Standard file, 3.0 to 3.2, without any profile. Rules are named `odcs.*`. */
export const ODCS: Shape = compileShape(SCHEMA, "odcs");
