import { Buffer } from "node:buffer";
import type { PolicyPlan } from "../../kernel/plan.ts";
import type { FieldKeys } from "../../kernel/ports.ts";
import { keyThatLeaves } from "../envelope.ts";
import { screenEnvelope } from "../envelope-screens.ts";
import { KEY_BYTES } from "./batch-layout.ts";
import { HOST_DROPPED, HOST_REFUSED } from "./layout.ts";

const NOTHING = {
  data: undefined,
  id: undefined,
  source: undefined,
  type: undefined,
  subject: undefined,
  time: undefined,
} as const;

/** Writes the key that leaves for one that came. Answers as the kernel expects its host to; a record that is denied for its key is refused. */
export function answerKey(
  memory: Buffer,
  key: Uint8Array,
  plan: PolicyPlan,
  keys: FieldKeys,
  to: number,
): number {
  const { key: screened, reasons } = screenEnvelope({ event: NOTHING, key, headers: [] }, plan, keys);
  if (reasons.length > 0) return HOST_REFUSED;
  const facts = { data: undefined, event: NOTHING, key: screened, headers: [], timestamp: 0n };
  const leaving = keyThatLeaves(facts, plan, keys);
  if (leaving === null) return HOST_DROPPED;
  if (leaving.length > KEY_BYTES) return HOST_REFUSED;
  // The key that came may be the one that leaves: then it is a view of the same memory.
  memory.set(Buffer.from(leaving), to);
  return leaving.length;
}

/** Rules by whose outcomes a key leaves in the same way, whatever else differs. */
export const keyMemoName = ({ key, screens }: Pick<PolicyPlan, "key" | "screens">): string =>
  JSON.stringify(["key", key.rule, screens]);
