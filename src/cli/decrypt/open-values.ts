import type { JsonNode } from "../../kernel/json.ts";
import type { SealedPlace } from "../../kernel/ports.ts";
import { failed, type Result } from "../../kernel/result.ts";
import {
  looksSealed,
  type OpeningKeys,
  openSealedNode,
  type SealedFault,
} from "../../tenants/sealed-open.ts";
import { fieldPaths, pointerOf, type Step } from "../field-paths.ts";

/** Data with its encrypted values opened. */
export interface OpenedData {
  readonly data: JsonNode;
  /** How many. */
  readonly opened: number;
  /** What stays as it is: where (RFC 6901), and why. */
  readonly left: readonly { readonly pointer: string; readonly why: SealedFault | "record" }[];
}

/** Paths of a contract that are tried for one value: an object in an object counts twice as a map. */
const PATHS_MAX = 4096;

/**
 * Opens every encrypted value of a record's data. A contract's path is found by trying: the ciphertext itself says which one
 * it is for. `event` undefined: the record does not say what its values are bound to, so that none is opened.
 */
export function openValues(
  data: JsonNode,
  event: Omit<SealedPlace, "path"> | undefined,
  keys: OpeningKeys,
): OpenedData {
  const left: OpenedData["left"][number][] = [];
  let opened = 0;
  const visit = (node: JsonNode, steps: readonly Step[]): JsonNode => {
    if (node.kind === "array")
      return {
        kind: "array",
        items: node.items.map((item, element) => visit(item, [...steps, { element }])),
      };
    if (node.kind === "object") {
      const members = [...node.members].map(
        ([member, { raw, value }]) => [member, { raw, value: visit(value, [...steps, { member }]) }] as const,
      );
      return { kind: "object", members: new Map(members) };
    }
    if (node.kind !== "string" || !looksSealed(node.value)) return node;
    const result = event === undefined ? failed("record" as const) : openAt(node.value, steps, event, keys);
    if (!result.ok) {
      left.push({ pointer: pointerOf(steps), why: result.fault });
      return node;
    }
    opened += 1;
    return result.value;
  };
  return { data: visit(data, []), opened, left };
}

function openAt(
  token: string,
  steps: readonly Step[],
  event: Omit<SealedPlace, "path">,
  keys: OpeningKeys,
): Result<JsonNode, SealedFault> {
  for (const path of fieldPaths(steps).take(PATHS_MAX)) {
    const node = openSealedNode(token, { ...event, path }, keys);
    if (node.ok || node.fault !== "place") return node;
  }
  return failed("place");
}
