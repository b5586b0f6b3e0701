import type { Json } from "../../kernel/json.ts";
import type { PlanCondition, PlanNode } from "../../kernel/plan.ts";
import { pointerSegments } from "../../kernel/pointer.ts";
import { layTexts } from "./checks.ts";
import type { Image } from "./image.ts";
import * as L from "./layout.ts";

/** A condition that the kernel holds values against, and its bit. */
export interface NativeCondition {
  readonly condition: PlanCondition;
  readonly bit: number;
}

/** Where the conditions of a plan are looked at. */
export interface ConditionPlaces {
  /** By the node whose values they are about. */
  readonly listed: ReadonlyMap<PlanNode, readonly NativeCondition[]>;
  /** By the container, and the name of a member that it does not list. */
  readonly unlisted: ReadonlyMap<PlanNode, ReadonlyMap<string, readonly NativeCondition[]>>;
  readonly native: readonly NativeCondition[];
  /** About places or values that the kernel does not see: held against the parsed value. */
  readonly others: readonly PlanCondition[];
}

const CONDITIONS_MAX = 23;
/** RFC 6901 §4: it may be an index of an array as well. */
const INDEX = /^(?:0|[1-9][0-9]*)$/;

const OPS: Readonly<Record<PlanCondition["op"], number>> = {
  equals: L.CONDITION_EQUALS,
  in: L.CONDITION_EQUALS,
  prefix: L.CONDITION_PREFIX,
  exists: L.CONDITION_EXISTS,
};

/** Sorts the conditions by the nodes of the plan at which they are decided. */
export function placeConditions(conditions: readonly PlanCondition[], root: PlanNode): ConditionPlaces {
  const listed = new Map<PlanNode, NativeCondition[]>();
  const unlisted = new Map<PlanNode, Map<string, NativeCondition[]>>();
  const native: NativeCondition[] = [];
  const others: PlanCondition[] = [];
  for (const condition of conditions) {
    const place =
      native.length < CONDITIONS_MAX && hasPlainValues(condition)
        ? placeOf(condition.field, root)
        : undefined;
    if (place === undefined) {
      others.push(condition);
      continue;
    }
    const found = { condition, bit: 1 << native.length };
    native.push(found);
    const { node, name } = place;
    if (name === undefined) listed.set(node, [...(listed.get(node) ?? []), found]);
    else {
      const names = unlisted.get(node) ?? new Map<string, NativeCondition[]>();
      unlisted.set(node, names.set(name, [...(names.get(name) ?? []), found]));
    }
  }
  return { listed, unlisted, native, others };
}

const hasPlainValues = ({ op, values }: PlanCondition): boolean =>
  op === "exists" || values.every(isPlainText);

const isPlainText = (value: Json): value is string => typeof value === "string" && value.isWellFormed();

/** A path of plain member names through containers that live by their children; its last name may be one that is not listed. */
function placeOf(
  field: string,
  root: PlanNode,
): { readonly node: PlanNode; readonly name?: string } | undefined {
  const segments = pointerSegments(field);
  if (!segments.ok || segments.value.some((segment) => segment === "*" || INDEX.test(segment)))
    return undefined;
  let node = root;
  for (const [at, name] of segments.value.entries()) {
    const isContainer = node.action === undefined || node.own === undefined;
    const isObject = node.elements === undefined || Object.keys(node.members).length > 0;
    if (!isContainer || !isObject || Object.hasOwn(node.members, "*")) return undefined;
    const child = Object.hasOwn(node.members, name) ? node.members[name] : undefined;
    if (child === undefined) return at === segments.value.length - 1 ? { node, name } : undefined;
    node = child;
  }
  return { node };
}

/** Writes the conditions on one node. */
export function layConditions(image: Image, node: number, conditions: readonly NativeCondition[]): void {
  if (conditions.length === 0) return;
  const texts = conditions.map(({ condition: { op, values } }) => {
    const given = op === "exists" ? [] : values.filter(isPlainText);
    return op === "prefix" ? given.filter((value) => value !== "") : given;
  });
  const list = image.reserve(8 + 16 * conditions.length);
  image.set(list, conditions.length);
  conditions.forEach(({ bit, condition: { op } }, index) => {
    const row = list + 8 + 16 * index;
    image.set(row, bit);
    image.set(row + 4, OPS[op]);
    image.set(row + 8, layTexts(image, texts[index] ?? []));
  });
  image.set(node + L.NODE_CONDITIONS, list);
}
