import { type Document, readDocument } from "../../document/document.ts";
import { INSTANT } from "../../document/instant.ts";
import { checkShape, compileShape } from "../../document/shape.ts";
import { CLASSIFICATIONS, type Classification } from "../../kernel/contract.ts";
import type { Json } from "../../kernel/json.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { Reason } from "../../kernel/reason.ts";
import { REASONS } from "../../kernel/reason.ts";

/** One case: a record for a partner at a time, and what must come of it. */
export interface Case {
  readonly name: string;
  readonly partner: {
    /** Company URN. */
    readonly id: string;
    readonly groups?: readonly string[];
    readonly country?: string;
    readonly clearance?: Classification;
  };
  readonly purpose: string;
  /** RFC 3339, without leap seconds: when it is decided. */
  readonly now: string;
  /** Paths of policy bundles, from the case's own folder. */
  readonly bundles?: readonly string[];
  /** What the agreement fills in for `agreement.parameters.*`. */
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
  readonly record: CaseRecord;
  readonly expect: Expectation;
}
export interface CaseRecord {
  readonly key?: string | null;
  /** The value; null for a tombstone. */
  readonly value?: Json;
  /** Instead of `value`: its bytes as text, for what YAML would read in another way. */
  readonly text?: string;
  readonly headers?: readonly (readonly [name: string, value: string | null])[];
  /** Milliseconds since 1970; else the time of the decision. */
  readonly timestamp?: number;
}
/** Only what is given is compared. */
export interface Expectation {
  readonly effect: "permit" | "deny";
  /** All of them, in any order. */
  readonly reasons?: readonly Partial<Reason>[];
  /** `headers`: those named must be there, and besides them none that the gateway does not make. */
  readonly record?: CaseRecord;
  /** All that was changed, in any order. */
  readonly fields?: readonly { readonly pointer: string; readonly action: string; readonly by?: string }[];
}

const text = { type: "string", minLength: 1 } as const;
const closed = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: "object",
  additionalProperties: false,
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const header = {
  type: "array",
  minItems: 2,
  maxItems: 2,
  prefixItems: [{ type: "string" }, { type: ["string", "null"] }],
};
const record = closed(
  {},
  {
    key: { type: ["string", "null"] },
    value: {},
    text: { type: "string" },
    headers: { type: "array", items: header },
    timestamp: { type: "integer", minimum: 0 },
  },
);
const shape = compileShape(
  closed(
    {
      name: text,
      partner: closed(
        { id: text },
        { groups: { type: "array", items: text }, country: text, clearance: { enum: CLASSIFICATIONS } },
      ),
      purpose: text,
      now: INSTANT,
      record,
      expect: closed(
        { effect: { enum: ["permit", "deny"] } },
        {
          reasons: {
            type: "array",
            items: closed(
              { code: { enum: Object.keys(REASONS) } },
              { module: text, pointer: { type: "string" } },
            ),
          },
          record,
          fields: {
            type: "array",
            items: closed({ pointer: { type: "string" }, action: text }, { by: text }),
          },
        },
      ),
    },
    {
      bundles: { type: "array", items: text },
      parameters: { type: "object" },
    },
  ),
  "case",
);

/** A file of cases: one, or a list of them; with everything that is wrong with it. */
export function readCases(
  bytes: Uint8Array,
  file: string,
): { readonly cases: readonly Case[]; readonly problems: readonly Problem[] } {
  const read = readDocument(bytes, file);
  if (!read.ok) return { cases: [], problems: read.fault };
  const document: Document = read.value;
  const places = Array.isArray(document.value) ? document.value.map((_, index) => `/${index}`) : [""];
  const problems = places.flatMap((place) => checkShape(document, shape, place));
  if (problems.length > 0) return { cases: [], problems };
  return { cases: [document.value].flat() as unknown as readonly Case[], problems: document.warnings };
}
