import type { Json, JsonNode } from "../kernel/json.ts";
import { toNode } from "../kernel/strict-json.ts";
import { compareDecimals, decimalOf } from "./decimal.ts";

/** Is the record's value the one that a file names? Strings by their characters, numbers exactly (`1.0` is 1). */
export const equalsJson = (node: JsonNode, value: Json): boolean => equalNodes(node, toNode(value));

function equalNodes(one: JsonNode, other: JsonNode): boolean {
  if (one.kind === "string") return other.kind === "string" && one.value === other.value;
  if (one.kind === "number") return other.kind === "number" && equalNumbers(one.raw, other.raw);
  if (one.kind === "literal") return other.kind === "literal" && one.raw === other.raw;
  if (one.kind === "array") {
    return (
      other.kind === "array" &&
      one.items.length === other.items.length &&
      one.items.every((item, index) => {
        const counterpart = other.items[index];
        return counterpart !== undefined && equalNodes(item, counterpart);
      })
    );
  }
  if (other.kind !== "object" || one.members.size !== other.members.size) return false;
  return [...one.members].every(([name, { value }]) => {
    const counterpart = other.members.get(name);
    return counterpart !== undefined && equalNodes(value, counterpart.value);
  });
}

/** Numbers beyond what arithmetic takes are equal to nothing. */
function equalNumbers(one: string, other: string): boolean {
  const [left, right] = [decimalOf(one), decimalOf(other)];
  return left !== undefined && right !== undefined && compareDecimals(left, right) === 0;
}
