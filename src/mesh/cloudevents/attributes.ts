import type { MeshEvent } from "../../kernel/cloud-event.ts";
import type { Reason } from "../../kernel/reason.ts";
import { done, failed, type Result } from "../../kernel/result.ts";

/** The context attributes that we read. Extensions of others neither help nor harm: they never leave as attributes. */
export type Attributes = Omit<MeshEvent, "data">;

/** An attribute that is null is absent (JSON format §2.2), and so is a header without a value. */
export type AttributeReader = (name: string) => string | undefined;

/** Every fault of an attribute is this one: it names no value. */
export const INVALID: Reason = { code: "EVENT_INVALID" };

/** CloudEvents 1.0.2 §2: C0 and C1 controls and noncharacters may not stand in a String; nor half a surrogate pair. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
/** RFC 3339 §5.6. */
const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;
/** RFC 3986: what no URI reference holds. */
const NOT_IN_URI = /[\s<>"{}|\\^`]/;

const isString = (text: string): boolean => text !== "" && !FORBIDDEN.test(text);

interface AttributeRule {
  readonly name: "id" | "source" | "specversion" | "type" | "subject" | "time";
  readonly required: boolean;
  readonly isValid: (text: string) => boolean;
}

/** CloudEvents 1.0.2 §3.1 and §3.2, as far as we use it. */
const RULES: readonly AttributeRule[] = [
  { name: "id", required: true, isValid: isString },
  { name: "source", required: true, isValid: (text) => isString(text) && !NOT_IN_URI.test(text) },
  { name: "specversion", required: true, isValid: (text) => text === "1.0" },
  { name: "type", required: true, isValid: isString },
  { name: "subject", required: false, isValid: isString },
  { name: "time", required: false, isValid: (text) => TIMESTAMP.test(text) },
];

/** May an attribute have this value? Undefined is absent. */
export function isAttribute(name: AttributeRule["name"], text: string | undefined): boolean {
  const rule = RULES.find((each) => each.name === name);
  return rule !== undefined && (text === undefined ? !rule.required : rule.isValid(text));
}

/** Reads and checks; nothing is invented, so an absent `time` stays absent. */
export function readAttributes(read: AttributeReader): Result<Attributes, Reason> {
  if (!RULES.every(({ name }) => isAttribute(name, read(name)))) return failed(INVALID);
  const [id, source, type] = [read("id"), read("source"), read("type")];
  return done({ id, source, type, subject: read("subject"), time: read("time") });
}
