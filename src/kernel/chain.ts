import { Buffer } from "node:buffer";
import { digestOfBytes } from "./digest.ts";

/**
 * What stands as `previous` in the first frame of a partition of a chain: `sha-256:` and hex. It names where the chain
 * begins, so that a chain whose head was cut off can't pass for a whole one. `chain` is what `chainName` says.
 */
export const genesis = (chain: string, partition: number): string =>
  digestOfBytes(Buffer.from(`tiermesh chain v1\n${chain}\n${partition}`));

const REPLAY = ".replay.";

/**
 * What the chain of a stream's frames is called: the agreement's id, and for a replay a name of its own beside it. Cursors,
 * consumer groups, transactional ids and places of records are bound to it, so that none of one chain is good for another.
 */
export const chainName = (agreement: string, replay?: string): string =>
  replay === undefined ? agreement : `${agreement}${REPLAY}${replay}`;

/** The agreement that a chain is of. */
export const agreementOf = (chain: string): string => chain.split(REPLAY, 1)[0] ?? chain;

/** Where a partition's chain begins anew after a reset, which has an id of its own. */
export const genesisAnew = (agreement: string, reset: string, partition: number): string =>
  genesis(`${agreement}.reset.${reset}`, partition);
