import { Buffer } from "node:buffer";
import { digestOfBytes } from "./digest.ts";

/**
 * What stands as `previous` in the first frame of a partition of an agreement: `sha-256:` and hex. It names where the
 * chain begins, so that a chain whose head was cut off can't pass for a whole one.
 */
export const genesis = (agreement: string, partition: number): string =>
  digestOfBytes(Buffer.from(`tiermesh chain v1\n${agreement}\n${partition}`));
