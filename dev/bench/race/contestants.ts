import type { Contestant } from "./contestant.ts";
import { tiermesh } from "./gateways.ts";
import { mirrorMaker } from "./mirror-maker.ts";

/** Whom all are compared with: the one that also writes every record exactly once. */
export const REFERENCE = "mm2-eos";

/** Everybody who can race. A new one is a row here: how it gets ready, starts, tells its processes, and stops. */
export const CONTESTANTS: readonly Contestant[] = [
  mirrorMaker("mm2", "MirrorMaker 2, default", "default"),
  mirrorMaker("mm2-tuned", "MirrorMaker 2, tuned", "tuned"),
  mirrorMaker(REFERENCE, "MirrorMaker 2, exactly once", "exactly-once"),
  tiermesh("https", "tiermesh, two gateways", "full", "pull"),
  tiermesh("push", "tiermesh, push", "full", "push"),
  tiermesh("push-all", "tiermesh, push, all shared", "share-all", "push"),
];
