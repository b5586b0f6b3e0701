import type { ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import draft06 from "ajv/dist/refs/json-schema-draft-06.json" with { type: "json" };
import draft04 from "ajv-draft-04";

/** What is known of a version of JSON Schema. */
export interface Dialect {
  readonly name: string;
  readonly uri: string;
  /** Name of the keyword that identifies a schema. */
  readonly id: "id" | "$id";
  /** Until draft-07 a schema with `$ref` is that reference and nothing else. */
  readonly refStandsAlone: boolean;
  /** The meta-schema, compiled when it is first needed: it judges a schema without compiling that. */
  readonly meta: () => ValidateFunction;
}

const OPTIONS = { allErrors: true, verbose: true, strict: false } as const;

type Validators = Pick<Ajv, "getSchema">;

function once(uri: string, make: () => Validators): () => ValidateFunction {
  let compiled: ValidateFunction | undefined;
  return () => {
    compiled ??= make().getSchema(uri);
    if (compiled === undefined) throw new TypeError(`There is no meta-schema ${uri}.`);
    return compiled;
  };
}

const DRAFT_04 = "http://json-schema.org/draft-04/schema";
const DRAFT_06 = "http://json-schema.org/draft-06/schema";
const DRAFT_07 = "http://json-schema.org/draft-07/schema";
const V2019 = "https://json-schema.org/draft/2019-09/schema";
const V2020 = "https://json-schema.org/draft/2020-12/schema";

const DIALECTS: readonly Dialect[] = [
  {
    name: "draft-04",
    uri: DRAFT_04,
    id: "id",
    refStandsAlone: true,
    meta: once(DRAFT_04, () => new draft04.default(OPTIONS)),
  },
  {
    name: "draft-06",
    uri: DRAFT_06,
    id: "$id",
    refStandsAlone: true,
    meta: once(DRAFT_06, () => new Ajv(OPTIONS).addMetaSchema(draft06)),
  },
  {
    name: "draft-07",
    uri: DRAFT_07,
    id: "$id",
    refStandsAlone: true,
    meta: once(DRAFT_07, () => new Ajv(OPTIONS)),
  },
  {
    name: "2019-09",
    uri: V2019,
    id: "$id",
    refStandsAlone: false,
    meta: once(V2019, () => new Ajv2019(OPTIONS)),
  },
  {
    name: "2020-12",
    uri: V2020,
    id: "$id",
    refStandsAlone: false,
    meta: once(V2020, () => new Ajv2020(OPTIONS)),
  },
];

const BY_URI = new Map(DIALECTS.map((dialect) => [bare(dialect.uri), dialect]));

/** The dialect that a `$schema` names; scheme and trailing `#` make no difference. */
export const dialectOf = (uri: string): Dialect | undefined => BY_URI.get(bare(uri));

/** What is assumed without `$schema`. */
export const NEWEST: Dialect = DIALECTS[DIALECTS.length - 1] as Dialect;

function bare(uri: string): string {
  return uri.replace(/^https?:\/\//, "").replace(/#$/, "");
}
