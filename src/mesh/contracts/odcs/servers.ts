import { ROLE } from "./people.ts";
import { CUSTOM_PROPERTIES, closed, list, STABLE_ID, TEXT } from "./pieces.ts";

/** What a kind of server needs, and what it may say besides. */
interface ServerRow {
  readonly needs: readonly string[];
  readonly may: readonly string[];
}

const HOST_PORT = ["host", "port"];
const HOST_PORT_DATABASE: ServerRow = { needs: ["host", "port", "database"], may: [] };
const HOST_PORT_DATABASE_SCHEMA: ServerRow = { needs: ["host", "port", "database", "schema"], may: [] };
const FILES: ServerRow = { needs: ["location"], may: ["format", "delimiter"] };

/** Kind of server → its members. ODCS 3.2 no longer asks Athena for `stagingDir`; 3.0.0 spelt it `staging_dir`. */
const SERVERS: Readonly<Record<string, ServerRow>> = {
  api: { needs: ["location"], may: [] },
  athena: { needs: ["schema"], may: ["stagingDir", "staging_dir", "catalog", "regionName", "workgroup"] },
  azure: { needs: ["location", "format"], may: ["delimiter"] },
  bigquery: { needs: ["project", "dataset"], may: [] },
  clickhouse: HOST_PORT_DATABASE,
  cloudsql: HOST_PORT_DATABASE_SCHEMA,
  custom: {
    needs: [],
    may: [
      "account",
      "catalog",
      "database",
      "dataset",
      "delimiter",
      "endpointUrl",
      "format",
      "host",
      "location",
      "path",
      "port",
      "project",
      "region",
      "regionName",
      "schema",
      "serviceName",
      "stagingDir",
      "stream",
      "warehouse",
    ],
  },
  databricks: { needs: ["catalog", "schema"], may: ["host"] },
  db2: { needs: ["host", "port", "database"], may: ["schema"] },
  denodo: { needs: HOST_PORT, may: ["database"] },
  dremio: { needs: HOST_PORT, may: ["schema"] },
  duckdb: { needs: ["database"], may: ["schema"] },
  glue: { needs: ["account", "database"], may: ["location", "format"] },
  hive: { needs: ["host", "database"], may: ["port"] },
  impala: { needs: ["host", "database"], may: ["port"] },
  informix: { needs: ["host", "database"], may: ["port"] },
  kafka: { needs: ["host"], may: ["format"] },
  kinesis: { needs: [], may: ["region", "format"] },
  local: { needs: ["path", "format"], may: [] },
  mysql: HOST_PORT_DATABASE,
  oracle: { needs: ["host", "port", "serviceName"], may: [] },
  postgres: HOST_PORT_DATABASE_SCHEMA,
  postgresql: HOST_PORT_DATABASE_SCHEMA,
  presto: { needs: ["host"], may: ["catalog", "schema"] },
  pubsub: { needs: ["project"], may: [] },
  redshift: { needs: ["database", "schema"], may: ["host", "region", "account"] },
  s3: { needs: FILES.needs, may: [...FILES.may, "endpointUrl"] },
  sftp: FILES,
  snowflake: { needs: ["account", "database", "schema"], may: ["host", "port", "warehouse"] },
  sqlserver: { needs: ["host", "database", "schema"], may: ["port"] },
  synapse: HOST_PORT_DATABASE,
  trino: { needs: ["host", "port", "catalog", "schema"], may: [] },
  vertica: HOST_PORT_DATABASE_SCHEMA,
  zen: { needs: ["host", "database"], may: ["port"] },
};

/** Members that hold something else than text. */
const SPECIAL: Readonly<Record<string, object>> = {
  port: { type: "integer", minimum: 0, maximum: 65_535 },
  endpointUrl: { type: "string", format: "uri" },
};

const EVERY_SERVER = {
  id: STABLE_ID,
  server: TEXT,
  description: TEXT,
  environment: TEXT,
  roles: list(ROLE),
  customProperties: CUSTOM_PROPERTIES,
};

function branch(type: string, { needs, may }: ServerRow): object {
  const members = [...needs, ...may].map((name) => [name, SPECIAL[name] ?? TEXT]);
  const properties = { ...EVERY_SERVER, type: { const: type }, ...Object.fromEntries(members) };
  return closed(properties, ["server", "type", ...needs]);
}

/** Servers, told apart by their `type`. */
export const SERVERS_SECTION = list({
  type: "object",
  discriminator: { propertyName: "type" },
  required: ["server", "type"],
  oneOf: Object.entries(SERVERS).map(([type, row]) => branch(type, row)),
});
