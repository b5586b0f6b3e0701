import type { State } from "../../../src/cli/difference/state.ts";
import { sampleKeys } from "../../../src/cli/sample-keys.ts";
import { MODULES } from "../../../src/policy/registry.ts";
import { contract, partner, share, text } from "../../policy/sample.ts";

/** One contract that shares a text, one partner, no policy. */
export const state = (change: Partial<State> = {}): State => ({
  name: "old",
  contracts: [contract({ a: text(share) })],
  named: undefined,
  bundles: [],
  modules: MODULES,
  partners: [partner()],
  agreements: () => [],
  keys: sampleKeys(),
  ...change,
});
