import { Buffer } from "node:buffer";
import type { FieldAction } from "../../kernel/action.ts";
import type { ValueCheck } from "../../kernel/contract.ts";
import type { PlanNode, PolicyPlan } from "../../kernel/plan.ts";
import { ACTIONS } from "../actions.ts";
import { isChecked } from "../leaf.ts";
import { type Captures, findCaptures } from "./captures.ts";
import {
  hasBoundsAbove0,
  hasKnownKeywords,
  hasScalarDemands,
  isNative,
  layCheck,
  typeBits,
} from "./checks.ts";
import { Counters } from "./counters.ts";
import { layEdit } from "./edits.ts";
import { Image, ImageTooLarge } from "./image.ts";
import * as L from "./layout.ts";
import { type ConditionPlaces, layConditions, placeConditions } from "./scope.ts";

/** A node whose values the kernel may hand over. */
export interface HostNode {
  readonly rule: PlanNode;
  /** It lies in a container that was taken away whole: only its checks and screens matter. */
  readonly isGone: boolean;
}

/** What the kernel needs to know from outside while it lays out a plan. */
export interface LayoutPorts {
  /** The kernel's hash of a member's name. */
  readonly hash: (name: Uint8Array) => number;
  /** The number under which outcomes of the node are remembered. */
  readonly memo: (node: HostNode) => number;
}

/** A plan as the kernel's memory has it. */
export interface PlanTables {
  /** For address `PLAN`. */
  readonly image: Uint8Array;
  readonly root: number;
  readonly hosts: readonly HostNode[];
  readonly counters: Counters;
  readonly conditions: ConditionPlaces;
}

/** Undefined: the plan is too large for the kernel. */
export function layPlan(plan: PolicyPlan, ports: LayoutPorts): PlanTables | undefined {
  const layout = new PlanLayout(ports, placeConditions(plan.conditions, plan.root), findCaptures(plan));
  try {
    return layout.lay(plan.root);
  } catch (error) {
    if (error instanceof ImageTooLarge) return undefined;
    throw error;
  }
}

/** Containers nest as deep as the plan does, which is read from a contract within the limits of documents. */
class PlanLayout {
  readonly #image = new Image(L.PLAN, L.PLAN_BYTES);
  readonly #counters = new Counters();
  readonly #hosts: HostNode[] = [];
  readonly #ports: LayoutPorts;
  readonly #places: ConditionPlaces;
  readonly #captures: Captures;

  constructor(ports: LayoutPorts, places: ConditionPlaces, captures: Captures) {
    this.#ports = ports;
    this.#places = places;
    this.#captures = captures;
  }

  lay(rule: PlanNode): PlanTables {
    // Address 0 of the image would be a node that is none.
    this.#image.reserve(8);
    const root = this.#node(rule, false);
    return {
      image: this.#image.bytes,
      root,
      hosts: this.#hosts,
      counters: this.#counters,
      conditions: this.#places,
    };
  }

  #node(rule: PlanNode, isGone: boolean): number {
    const node = this.#image.reserve(L.NODE_BYTES);
    layConditions(this.#image, node, this.#places.listed.get(rule) ?? []);
    if (rule.action === undefined || rule.own === undefined) this.#container(node, rule, isGone);
    else this.#leaf(node, rule, isGone);
    const asked = isGone ? undefined : this.#captures.bits.get(rule);
    if (asked !== undefined) {
      this.#image.set(node + L.NODE_CAPTURE, asked);
      this.#image.mark(node + L.NODE_HAS, L.HAS_CAPTURE);
    } else if (!this.#places.listed.has(rule))
      this.#image.mark(node + L.NODE_HAS, plainBits(rule, isGone, this.#image.get(node + L.NODE_OP)));
    return node;
  }

  /** A container whose children have rules, though something may have taken it away whole. */
  #container(node: number, rule: PlanNode, isGone: boolean): void {
    const { action, check, elements } = rule;
    const isTaken = action !== undefined && !isGone;
    if (isForeign(rule, isGone)) {
      this.#image.set(node + L.NODE_OP, L.OP_FOREIGN);
      return;
    }
    const isQuiet = isGone || action !== undefined;
    const hasObject = elements === undefined || Object.keys(rule.members).length > 0;
    const has =
      layCheck(this.#image, node, levelOf(check)) |
      (hasObject ? L.HAS_OBJECT : 0) |
      (isTaken ? L.HAS_TAKEN : 0) |
      (hasScalarDemands(check) || (elements === undefined && hasItems(check)) ? L.HAS_OTHER : 0);
    this.#image.set(node + L.NODE_HAS, has);
    this.#image.set(node + L.NODE_OP, L.OP_CHILDREN);
    if (isTaken) {
      this.#image.set(node + L.NODE_ARGUMENT, layEdit(this.#image, node, action));
      this.#image.set(node + L.NODE_COUNTER, this.#counter(rule.path, action.action, rule.by));
    } else if (!isGone) {
      this.#image.set(node + L.NODE_DROPPED, this.#counter(rule.path, "drop", "type"));
      this.#image.set(node + L.NODE_UNLISTED, this.#counter(`${rule.path}/?`, "drop", "contract"));
    }
    if (elements !== undefined) this.#image.set(node + L.NODE_ELEMENTS, this.#node(elements, isQuiet));
    this.#members(node, rule, isQuiet);
  }

  #members(node: number, rule: PlanNode, isGone: boolean): void {
    const star = Object.hasOwn(rule.members, "*") ? rule.members["*"] : undefined;
    const every = star === undefined ? 0 : this.#node(star, isGone);
    this.#image.set(node + L.NODE_STAR, every);
    const entries = new Map<string, number>();
    for (const [name, child] of Object.entries(rule.members)) {
      if (name !== "*") entries.set(name, this.#node(child, isGone));
    }
    for (const [name, conditions] of this.#places.unlisted.get(rule) ?? []) {
      const watched = this.#watch(isGone ? 0 : this.#counter(`${rule.path}/?`, "drop", "contract"));
      layConditions(this.#image, watched, conditions);
      entries.set(name, watched);
    }
    const required = requiredNames(rule);
    for (const name of required) if (!entries.has(name)) entries.set(name, every);
    this.#image.set(node + L.NODE_REQUIRED, required.size);
    if (entries.size > 0) this.#image.set(node + L.NODE_MEMBERS, this.#table(entries, required));
  }

  /** A member that no rule lists, but a condition looks at. */
  #watch(counter: number): number {
    const node = this.#image.reserve(L.NODE_BYTES);
    this.#image.set(node + L.NODE_OP, L.OP_DROP);
    this.#image.set(node + L.NODE_COUNTER, counter);
    return node;
  }

  /** Names by their hash; on one that is taken, the next free slot. At most a quarter is used. */
  #table(entries: ReadonlyMap<string, number>, required: ReadonlySet<string>): number {
    const slots = 2 ** Math.ceil(Math.log2(entries.size * 4));
    const table = this.#image.reserve(L.TABLE_SLOTS + slots * L.SLOT_BYTES);
    this.#image.set(table, slots - 1);
    const taken = new Set<number>();
    for (const [name, node] of entries) {
      const bytes = Buffer.from(name);
      const hash = this.#ports.hash(bytes);
      let slot = hash & (slots - 1);
      while (taken.has(slot)) slot = (slot + 1) & (slots - 1);
      taken.add(slot);
      const at = table + L.TABLE_SLOTS + slot * L.SLOT_BYTES;
      this.#image.set(at, hash);
      this.#image.set(at + 4, this.#image.add(Buffer.from(`${name}":`)));
      if (bytes.length > L.LISTED_NAME_BYTES_MAX) throw new ImageTooLarge("A member's name does not fit.");
      const ordinal = taken.size <= L.ORDINALS ? taken.size : 0;
      this.#image.set(at + 8, bytes.length | (ordinal << 16));
      this.#image.set(at + 12, node | (required.has(name) ? 1 : 0));
    }
    return table;
  }

  #leaf(node: number, rule: PlanNode, isGone: boolean): void {
    const host = { rule, isGone };
    this.#image.set(node + L.NODE_INDEX, this.#hosts.push(host) - 1);
    const checked = isChecked(rule);
    const action = isGone ? DROP : (rule.action ?? DROP);
    if (isGone && !checked) {
      this.#image.set(node + L.NODE_OP, L.OP_DROP);
      return;
    }
    const { reads } = ACTIONS[action.action];
    const isHosts = rule.screens.length > 0 || (checked ? !isNative(rule.check) : reads);
    this.#image.set(node + L.NODE_OP, isHosts ? L.OP_HOST : layEdit(this.#image, node, action));
    if (!isHosts && checked) this.#image.set(node + L.NODE_HAS, layCheck(this.#image, node, rule.check));
    if (!isGone) {
      this.#image.set(node + L.NODE_COUNTER, this.#counter(rule.path, action.action, rule.by));
      const dropped = reads ? (action.action === "encrypt" ? "encrypt" : "type") : rule.by;
      this.#image.set(node + L.NODE_DROPPED, this.#counter(rule.path, "drop", dropped));
    }
    // A ciphertext is bound to its record.
    if (rule.action?.action !== "encrypt") this.#image.set(node + L.NODE_MEMO, this.#ports.memo(host));
  }

  #counter(...row: Parameters<Counters["of"]>): number {
    const number = this.#counters.of(...row);
    if (number === undefined) throw new ImageTooLarge("A plan has more counters than the kernel.");
    return number;
  }
}

const DROP: FieldAction = { action: "drop" };

/** What nobody looks at any further, where no condition does and the template does not ask for it. `op`: of the node. */
function plainBits({ action, check, members, elements }: PlanNode, isGone: boolean, op: number): number {
  const types = typeBits(check);
  const where = (isPlain: boolean, bit: number): number => (isPlain ? bit : 0);
  const { minLength, maxLength, pattern, format, enum: listed } = check;
  switch (op) {
    case L.OP_CHILDREN: {
      const hasObject = elements === undefined || Object.keys(members).length > 0;
      const wanted = (hasObject ? L.TYPE_OBJECT : 0) | (elements === undefined ? 0 : L.TYPE_ARRAY);
      const isTaken = action !== undefined && !isGone;
      return where(!isTaken && (types & wanted) === wanted, L.HAS_PLAIN_INSIDE);
    }
    case L.OP_SHARE:
    case L.OP_DROP: {
      const isLookedAt = [minLength, maxLength, pattern, format, listed].some(
        (demand) => demand !== undefined,
      );
      return where(!isLookedAt && (types & L.TYPE_STRING) !== 0, L.HAS_PLAIN_TEXT);
    }
    case L.OP_ROUND: {
      const isAny = (types & L.TYPE_NUMBER) !== 0 && listed === undefined && !hasBoundsAbove0(check);
      return where(isAny, L.HAS_PLAIN_NUMBER);
    }
    default:
      return 0;
  }
}

/** What a check says of a container. */
function levelOf({ types, minItems, maxItems }: ValueCheck): ValueCheck {
  return {
    ...(types === undefined ? {} : { types }),
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

const hasItems = ({ minItems, maxItems }: ValueCheck): boolean =>
  minItems !== undefined || maxItems !== undefined;

/** Rare containers, of which the reference implementation decides the record. */
function isForeign({ action, own, check, screens, members }: PlanNode, isGone: boolean): boolean {
  if (
    own !== undefined ||
    check.enum !== undefined ||
    check.pattern !== undefined ||
    !hasKnownKeywords(check)
  )
    return true;
  if (action !== undefined && ACTIONS[action.action].reads) return true;
  const screensMatter = action !== undefined || isGone || Object.hasOwn(members, "*");
  return screensMatter && screens.length > 0;
}

/** Members that must be there: not those that the contract itself keeps back. */
function requiredNames({ check, members }: PlanNode): ReadonlySet<string> {
  const named = (check.required ?? []).filter((name) => {
    const child = Object.hasOwn(members, name)
      ? members[name]
      : Object.hasOwn(members, "*")
        ? members["*"]
        : undefined;
    return child !== undefined && child.own !== "drop";
  });
  return new Set(named);
}
