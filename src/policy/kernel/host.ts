import { Buffer } from "node:buffer";
import type { PolicyPlan } from "../../kernel/plan.ts";
import { readJson, writeJson } from "../../kernel/strict-json.ts";
import { ruleValue, type ValueContext } from "../leaf.ts";
import type { Counters } from "./counters.ts";
import * as L from "./layout.ts";
import type { HostNode } from "./tables.ts";

/** What the reference implementation makes of one token. Undefined: it denies the record. */
export interface HostOutcome {
  /** Undefined: the value does not leave. */
  readonly text: string | undefined;
  /** 0: the node's own. */
  readonly counter: number;
}

/** Decides one token by the rule of its node, exactly as `project` would. The token is JSON, of which the kernel has read every byte. */
export function decideToken(
  token: Uint8Array,
  { rule, isGone }: HostNode,
  context: ValueContext,
  { limits }: Pick<PolicyPlan, "limits">,
  counters: Counters,
): HostOutcome | undefined {
  const read = readJson(token, limits);
  if (!read.ok) return undefined;
  const ruled = ruleValue(read.value, rule, context);
  if ("reason" in ruled) return undefined;
  if (isGone) return { text: undefined, counter: 0 };
  const counter = counters.of(rule.path, ruled.action, ruled.by);
  if (counter === undefined) return undefined;
  const text = ruled.left === undefined ? undefined : writeJson(ruled.left);
  return { text, counter: isOwn(ruled, rule) ? 0 : counter };
}

/** Would the kernel count the outcome under the node's own counters? */
function isOwn(
  { left, action, by }: { readonly left: unknown; readonly action: string; readonly by: string },
  rule: HostNode["rule"],
): boolean {
  const demanded = rule.action?.action ?? "drop";
  if (left !== undefined) return action === demanded && by === rule.by;
  const blind = demanded === "drop" || demanded === "null" || demanded === "constant";
  return action === "drop" && by === (blind ? rule.by : demanded === "encrypt" ? "encrypt" : "type");
}

/** Writes an outcome to where the kernel wants it. Answers as the kernel expects its host to. */
export function answer(memory: Buffer, outcome: HostOutcome | undefined, to: number, most: number): number {
  if (outcome === undefined) return L.HOST_REFUSED;
  memory.writeInt32LE(outcome.counter, L.CELL_COUNTER);
  if (outcome.text === undefined) return L.HOST_DROPPED;
  const length = Buffer.byteLength(outcome.text);
  if (length > most || length === 0) return L.HOST_REFUSED;
  memory.write(outcome.text, to, "utf8");
  return length;
}
