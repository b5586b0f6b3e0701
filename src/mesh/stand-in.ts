import { Buffer } from "node:buffer";
import type { PolicyPlan } from "../kernel/plan.ts";
import { pointerSegments } from "../kernel/pointer.ts";

/** RFC 6901 §4, and the segment that stands for any: these may name more than one member. */
const NOT_A_NAME = /^(?:\*|0|[1-9][0-9]*)$/;

const NOTHING = Buffer.from("{}");

/** The pointers by which key and attributes look into the data that leaves. */
export const pointersInto = ({ key, event: { id, subject, time } }: PolicyPlan): readonly string[] =>
  [key.rule === "pointer" ? [key.pointer] : [], [id, subject, time].flatMap(pointerOf)].flat();

const pointerOf = (origin: PolicyPlan["event"]["id"]): readonly string[] =>
  origin.from === "pointer" ? [origin.pointer] : [];

/**
 * A small JSON text that says the same as the data that leaves at these pointers, where key and attributes ask for text: it stands in for
 * the data where only they are wanted. Where it would not be small, or a number's spelling counts, the data itself. `data` is
 * compact JSON without names that stand twice.
 */
export function standIn(data: Uint8Array, pointers: readonly string[]): Uint8Array {
  if (pointers.length === 0) return NOTHING;
  const parsed: unknown = JSON.parse(
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8"),
  );
  const copy: Members = Object.create(null);
  for (const pointer of pointers) if (!copyText(parsed, pointer, copy)) return data;
  return Buffer.from(JSON.stringify(copy));
}

interface Members {
  [name: string]: string | Members;
}

/** Copies the text at a pointer; what is no text is as good as nothing. False: the copy would not say the same. */
function copyText(data: unknown, pointer: string, copy: Members): boolean {
  const segments = pointerSegments(pointer);
  const last = segments.ok ? segments.value.at(-1) : undefined;
  if (!segments.ok || last === undefined || segments.value.some((segment) => NOT_A_NAME.test(segment)))
    return false;
  let value = data;
  for (const name of segments.value) value = memberOf(value, name);
  if (typeof value === "number") return false;
  if (typeof value !== "string") return true;
  let place = copy;
  for (const name of segments.value.slice(0, -1)) {
    const inner = place[name];
    const next: Members = inner === undefined || typeof inner === "string" ? Object.create(null) : inner;
    place[name] = next;
    place = next;
  }
  place[last] = value;
  return true;
}

/** Own members only: a record may say `constructor`. */
const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
