import { isMembers, type Json } from "../kernel/json.ts";
import { escapeSegment } from "../kernel/pointer.ts";

/** Where a value breaks its shape, as an RFC 6901 pointer; undefined: it keeps it. Never quotes the value. */
export type Shape = (value: Json, pointer: string) => string | undefined;

const only =
  (holds: (value: Json) => boolean): Shape =>
  (value, pointer) =>
    holds(value) ? undefined : pointer;

export const text: Shape = only((value) => typeof value === "string");

export const matching = (pattern: RegExp): Shape =>
  only((value) => typeof value === "string" && pattern.test(value));

export const oneOf = (values: readonly Json[]): Shape => only((value) => values.includes(value));

/** An integer from 0 that a double holds exactly. */
export const count: Shape = only((value) => Number.isSafeInteger(value) && Number(value) >= 0);

export const listOf =
  (item: Shape): Shape =>
  (value, pointer) => {
    if (!Array.isArray(value)) return pointer;
    return value.map((each: Json, index) => item(each, `${pointer}/${index}`)).find(Boolean);
  };

export const mapOf =
  (item: Shape): Shape =>
  (value, pointer) => {
    if (!isMembers(value)) return pointer;
    return Object.entries(value)
      .map(([name, each]) => item(each, `${pointer}/${escapeSegment(name)}`))
      .find(Boolean);
  };

/** An object with these members and no others; those of `optional` may be absent. */
export const membersOf = (
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape => {
  const names = Object.keys(required);
  const shapes = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return (value, pointer) => {
    if (!isMembers(value)) return pointer;
    const absent = names.find((name) => !Object.hasOwn(value, name));
    if (absent !== undefined) return `${pointer}/${absent}`;
    for (const name of Object.keys(value)) {
      const place = `${pointer}/${escapeSegment(name)}`;
      const shape = shapes.get(name);
      const misplaced = shape === undefined ? place : shape(value[name] ?? null, place);
      if (misplaced !== undefined) return misplaced;
    }
    return undefined;
  };
};
