import { Pattern } from "../../../policy/pattern/pattern.ts";

/** Why a pattern can't be run on values, and how to mend it; undefined when it can. */
export function patternFault(pattern: string): string | undefined {
  const read = Pattern.read(pattern);
  return read.ok ? undefined : read.fault;
}
