import { pointerSegments } from "../kernel/pointer.ts";

const EVERY = "*";

/** Does a rule for `rule` name the field at `field`? A `*` on either side means any segment. */
export function meets(rule: string, field: string): boolean {
  const [wanted, given] = [segmentsOf(rule), segmentsOf(field)];
  return (
    wanted.length === given.length &&
    wanted.every((name, index) => name === EVERY || given[index] === EVERY || name === given[index])
  );
}

/** Is the text a pointer (RFC 6901)? */
export const isPointer = (text: string): boolean => pointerSegments(text).ok;

/** Unescaped. Paths were checked before; one that is no pointer names nothing. */
export function segmentsOf(path: string): readonly string[] {
  const segments = pointerSegments(path);
  return segments.ok ? segments.value : [path];
}
