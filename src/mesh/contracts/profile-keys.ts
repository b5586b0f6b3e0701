import { compileShape, type Shape } from "../../document/shape.ts";
import type { DateUnit } from "../../kernel/action.ts";
import { CATEGORIES, type TombstoneRule } from "../../kernel/contract.ts";
import { PUSH_RULES } from "../../kernel/delivery.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { ACTION_SHAPE } from "./action-shape.ts";
import { choose, closed, list } from "./odcs/pieces.ts";

/** Where a key of the profile stands: at the contract's root, in its schema object, or at a field. */
export type KeyPlace = "contract" | "stream" | "field";

/** One line of printable text. */
const LINE = {
  type: "string",
  minLength: 1,
  maxLength: 256,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
};
const POINTER = { type: "string", pattern: "^(/([^~/]|~[01])*)+$" };

const origin = (words: readonly string[]): object =>
  closed({ from: { type: "string", pattern: `^(${words.join("|")}|header:.+|/.*)$`, maxLength: 1024 } }, [
    "from",
  ]);

const EVENT = closed(
  {
    encoding: { enum: ["json", "cloudevents-binary", "cloudevents-structured"] },
    mode: { enum: ["binary", "structured"] },
    type: LINE,
    source: { ...LINE, format: "uri-reference" },
    id: origin(["auto", "event"]),
    subject: origin(["none", "event", "record"]),
    time: origin(["none", "event", "record"]),
  },
  ["encoding", "type", "source"],
);

const KEY = choose(
  { required: ["from"] },
  closed({ from: POINTER }, ["from"]),
  closed({ action: { enum: ["drop", "share", "pseudonymize"] } }, ["action"]),
);

const DATE_UNITS: readonly DateUnit[] = ["year", "quarter", "month", "iso-week", "day", "hour", "minute"];

const TIMESTAMP = {
  type: "object",
  discriminator: { propertyName: "action" },
  required: ["action"],
  oneOf: [
    closed({ action: { const: "share" } }, ["action"]),
    closed({ action: { const: "truncate-date" }, to: { enum: DATE_UNITS } }, ["action", "to"]),
  ],
};

const REFERENCE = "^(partner\\.(id|id\\.local|country|groups)|agreement\\.parameters\\.[A-Za-z0-9_-]+)$";
const SCOPE = list(
  closed(
    {
      field: POINTER,
      op: { enum: ["equals", "in", "prefix", "exists"] },
      value: {},
      ref: { type: "string", pattern: REFERENCE },
    },
    ["field", "op"],
  ),
);

const TOMBSTONE_RULES: readonly TombstoneRule[] = ["pass", "scoped", "deny"];

const atMost = (maximum: number): object => ({ type: "integer", minimum: 1, maximum });
const RECORD_LIMITS = closed({
  recordBytesMax: atMost(LIMITS.recordCeiling.bytesMax),
  depthMax: atMost(LIMITS.recordCeiling.depthMax),
  arrayLengthMax: atMost(LIMITS.recordCeiling.arrayLengthMax),
});

const MODES = [
  "none",
  "backward",
  "forward",
  "full",
  "backward_transitive",
  "forward_transitive",
  "full_transitive",
];

interface KeyRow {
  readonly place: KeyPlace;
  readonly required: boolean;
  readonly value: object;
}

const row = (place: KeyPlace, value: object): KeyRow => ({ place, required: false, value });
const needed = (place: KeyPlace, value: object): KeyRow => ({ place, required: true, value });

/** Every key of the profile: where it stands, whether it must, and what its value looks like. */
const TABLE = {
  "mesh.profile": needed("contract", { const: 1 }),
  "mesh.purposes": needed("contract", { ...list(LINE), minItems: 1, uniqueItems: true }),
  "mesh.onwardSharing": row("contract", { enum: ["forbidden", "allowed"] }),
  "mesh.exportClass": row("contract", { ...LINE, maxLength: 64 }),
  "mesh.audit": row("contract", closed({ level: { enum: ["window", "record"] } }, ["level"])),
  "mesh.push": row("contract", { enum: PUSH_RULES }),
  "mesh.schema": needed(
    "stream",
    closed({ file: LINE, digest: { type: "string", pattern: "^sha-256:[0-9a-f]{64}$" } }, ["file"]),
  ),
  "mesh.event": needed("stream", EVENT),
  "mesh.key": row("stream", KEY),
  "mesh.headers": row("stream", { ...list(LINE), uniqueItems: true }),
  "mesh.timestamp": row("stream", TIMESTAMP),
  "mesh.scope": row("stream", SCOPE),
  "mesh.tombstones": row("stream", { enum: TOMBSTONE_RULES }),
  "mesh.limits": row("stream", RECORD_LIMITS),
  "mesh.compatibility": row(
    "stream",
    closed({ mode: { enum: MODES }, enforce: { enum: ["block", "warn"] } }),
  ),
  "mesh.category": row("field", { ...list({ enum: CATEGORIES }), uniqueItems: true }),
  "mesh.action": row("field", ACTION_SHAPE),
} as const satisfies Record<string, KeyRow>;

export type ProfileKey = keyof typeof TABLE;
export const PROFILE_KEYS = Object.keys(TABLE) as readonly ProfileKey[];

export const isProfileKey = (name: string): name is ProfileKey => Object.hasOwn(TABLE, name);

/** All that is known of a key. */
export const profileKey = (key: ProfileKey): KeyRow => TABLE[key];

const SHAPES: ReadonlyMap<ProfileKey, Shape> = new Map(
  PROFILE_KEYS.map((key) => [key, compileShape(TABLE[key].value, "mesh")]),
);

/** The shape of a key's value. */
export function shapeOf(key: ProfileKey): Shape {
  const shape = SHAPES.get(key);
  if (shape === undefined) throw new TypeError(`The profile has no key ${key}.`);
  return shape;
}
