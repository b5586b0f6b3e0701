import assert from "node:assert/strict";
import type { JsonNode } from "./json.ts";
import { done, failed, type Result } from "./result.ts";

/** The segment that stands for every element of an array, or every value of an object used as a map. */
const EVERY = "*";

/** RFC 6901 §4: an array index has no leading zero. */
const INDEX = /^(?:0|[1-9][0-9]*)$/;

/** RFC 6901 §3: the unescaped segments; "" has none. The fault is a full sentence. */
export function pointerSegments(pointer: string): Result<readonly string[], string> {
  if (pointer === "") return done([]);
  if (!pointer.startsWith("/")) return failed("A pointer is empty or begins with a slash (RFC 6901 §3).");
  if (/~(?![01])/.test(pointer)) return failed("In a pointer only 0 and 1 follow a tilde (RFC 6901 §3).");
  // ~1 before ~0, so that ~01 becomes ~1 and not a slash (§4).
  const segments = pointer.slice(1).split("/");
  return done(segments.map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~")));
}

/** One segment as it stands in a pointer (RFC 6901 §3). */
export const escapeSegment = (segment: string): string => segment.replaceAll("~", "~0").replaceAll("/", "~1");

/** The pointer of these segments. */
export const formatPointer = (segments: readonly string[]): string =>
  segments.map((segment) => `/${escapeSegment(segment)}`).join("");

/** Does a pointer name what a pattern means? `*` in the pattern matches any one segment. Both are valid pointers. */
export function matchPointer(pattern: string, pointer: string): boolean {
  const wanted = validSegments(pattern);
  const given = validSegments(pointer);
  return (
    wanted.length === given.length &&
    wanted.every((segment, index) => segment === EVERY || segment === given[index])
  );
}

/**
 * What a valid pointer selects, in the order of the bytes; nothing when it isn't there. A segment `*` selects every element
 * of an array or every value of an object, so that a member named `*` is one of them.
 */
export function selectNodes(node: JsonNode, pointer: string): JsonNode[] {
  let selected = [node];
  for (const segment of validSegments(pointer)) selected = selected.flatMap((each) => step(each, segment));
  return selected;
}

function step(node: JsonNode, segment: string): readonly JsonNode[] {
  if (node.kind === "object") {
    if (segment === EVERY) return [...node.members.values()].map(({ value }) => value);
    const member = node.members.get(segment);
    return member === undefined ? [] : [member.value];
  }
  if (node.kind !== "array") return [];
  if (segment === EVERY) return node.items;
  const item = INDEX.test(segment) ? node.items[Number(segment)] : undefined;
  return item === undefined ? [] : [item];
}

/** Pointers of contracts and plans were checked when they were read: a malformed one here is a bug. */
function validSegments(pointer: string): readonly string[] {
  const segments = pointerSegments(pointer);
  assert(segments.ok, "A pointer was not checked before it was used.");
  return segments.value;
}
