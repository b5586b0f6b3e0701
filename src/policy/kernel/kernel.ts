import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { PlanCondition, PolicyPlan } from "../../kernel/plan.ts";
import type { FieldKeys } from "../../kernel/ports.ts";
import { readJson } from "../../kernel/strict-json.ts";
import { isMet } from "../conditions.ts";
import type { ValueContext } from "../leaf.ts";
import type { AppliedField } from "../redact.ts";
import { KEY_NODE, KNOWN_DENIALS, KNOWN_DENIALS_MAX, TEMPLATE } from "./batch-layout.ts";
import type { KernelExports } from "./exports.ts";
import { type Fault, faultOf } from "./faults.ts";
import { answer, decideToken } from "./host.ts";
import { answerKey, keyMemoName } from "./key.ts";
import * as L from "./layout.ts";
import { KernelRun } from "./run.ts";
import { type HostNode, layPlan, type PlanTables } from "./tables.ts";
import { layTemplate, type RecordTemplate } from "./template.ts";
import { KernelWalk, type WalkedStream } from "./walk.ts";

/** What the kernel says of one value. */
export type KernelVerdict =
  | { readonly effect: "permit"; readonly bytes: Uint8Array; readonly fields: readonly AppliedField[] }
  /** The value would leave, but for these conditions. */
  | { readonly effect: "unmet"; readonly conditions: readonly PlanCondition[] }
  /** Not the kernel's: the reference implementation decides the record. */
  | { readonly effect: "other"; readonly fault: Fault };

/**
 * The fast implementation of the projection: one pass over the bytes of a value in a WebAssembly module of fixed memory. It only ever
 * permits, or names unmet conditions, or says that the value is not its own; see `project` in redact.ts for what it means.
 */
export class Kernel {
  readonly #memory: Buffer;
  readonly #exports: KernelExports;
  readonly #memos = new Map<string, number>();
  readonly #keyRings = new Map<FieldKeys["pseudonyms"], number>();
  #loaded: LoadedPlan | undefined;

  constructor(module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: L.PAGES, maximum: L.PAGES });
    this.#memory = Buffer.from(memory.buffer);
    const host = (node: number, from: number, length: number, to: number, most: number): number =>
      this.#loaded === undefined ? L.HOST_REFUSED : this.#loaded.decide(node, from, length, to, most);
    const { exports } = new WebAssembly.Instance(module, { env: { memory, host } });
    this.#exports = exports as KernelExports;
  }

  /** Bytes of memory: always the same. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** A plan that this kernel executes; with a template also on whole batches. `keys` are of the plan's epoch. */
  load(plan: PolicyPlan, keys: FieldKeys, template?: RecordTemplate): LoadedPlan {
    assert.equal(
      keys.pseudonyms.epoch,
      plan.pseudonymEpoch,
      "The pseudonym keys are of another epoch than the plan.",
    );
    const tables = layPlan(plan, {
      hash: (name) => {
        this.#memory.set(name, L.INPUT);
        return this.#exports.hash(L.INPUT, name.length);
      },
      memo: (node) => this.#memo(node, plan, keys),
    });
    const envelope = template && layTemplate(plan, template, this.#numberOf(plan, keys, [keyMemoName(plan)]));
    const parts = { plan, keys, tables, envelope, memory: this.#memory, exports: this.#exports };
    return new LoadedPlan(parts, (loaded) => {
      if (this.#loaded === loaded) return false;
      this.#loaded = loaded;
      return true;
    });
  }

  /** One number for rules whose outcome for the same token is the same, in whatever plan. */
  #memo({ rule, isGone }: HostNode, plan: PolicyPlan, keys: FieldKeys): number {
    const { action, by, own, check, screens, path } = rule;
    const domain = action?.action === "pseudonymize" ? (action.domain ?? path) : undefined;
    const about = [isGone, action, domain, own, check, screens, screens.length > 0 ? by : ""];
    return this.#numberOf(plan, keys, about);
  }

  /** A number for what outcomes depend on besides partner and keys. */
  #numberOf({ partner }: PolicyPlan, { pseudonyms }: FieldKeys, about: readonly unknown[]): number {
    const ring = this.#keyRings.get(pseudonyms) ?? this.#keyRings.size;
    this.#keyRings.set(pseudonyms, ring);
    const name = JSON.stringify([ring, partner, ...about]);
    const number = this.#memos.get(name) ?? this.#memos.size + 1;
    this.#memos.set(name, number);
    return number;
  }
}

interface Loaded {
  readonly plan: PolicyPlan;
  readonly keys: FieldKeys;
  readonly tables: PlanTables | undefined;
  /** The template, for address `TEMPLATE`. Undefined: what stands around the values is not the kernel's. */
  readonly envelope: Uint8Array | undefined;
  readonly memory: Buffer;
  readonly exports: KernelExports;
}

/** A plan laid out for a kernel. Several may stand side by side: the one that is asked brings its tables in. */
export class LoadedPlan {
  readonly #parts: Loaded;
  readonly #claim: (loaded: LoadedPlan) => boolean;
  #sealing: ValueContext["sealing"];

  constructor(parts: Loaded, claim: (loaded: LoadedPlan) => boolean) {
    this.#parts = parts;
    this.#claim = claim;
  }

  /** One value. `sealing` is what `encrypt` is made with; without it, what is to be encrypted is dropped. */
  project(value: Uint8Array, sealing?: ValueContext["sealing"]): KernelVerdict {
    const { tables, memory, exports } = this.#parts;
    if (tables === undefined || value.length > L.INPUT_BYTES) return OTHER;
    this.#sealing = sealing;
    this.#enter(tables);
    memory.set(value, L.INPUT);
    const length = exports.project(L.INPUT, value.length);
    if (length < 0 && length !== -L.FAULT_UNMET) return { effect: "other", fault: faultOf(-length) };
    if (length > L.OUTPUT_BYTES) return OTHER;
    const unmet = this.#unmet(value, tables, exports.metConditions());
    if (unmet === undefined) return OTHER;
    if (unmet.length > 0) return { effect: "unmet", conditions: unmet };
    const bytes = Buffer.from(memory.subarray(L.OUTPUT, L.OUTPUT + length));
    return { effect: "permit", bytes, fields: tables.counters.fields(this.#counts()) };
  }

  /** Can whole runs of values be projected? Not where a condition needs the parsed value. */
  get takesRuns(): boolean {
    return this.#parts.tables !== undefined && this.#parts.tables.conditions.others.length === 0;
  }

  /**
   * Begins a run: `bytes` with values in them, and for each value its start and length in `spans`. Undefined: too much for
   * the kernel at once. What is permitted is counted until the next run begins. Without `encrypt`.
   * Nothing else is asked of the kernel until the run is over.
   */
  run(bytes: Uint8Array, spans: Int32Array): KernelRun | undefined {
    const { tables, memory, exports } = this.#parts;
    if (tables === undefined || !this.takesRuns) return undefined;
    if (bytes.length > L.INPUT_BYTES || spans.length > 2 * L.SPANS_MAX || !areWithin(spans, bytes.length))
      return undefined;
    this.#sealing = undefined;
    this.#enter(tables);
    memory.set(bytes, L.INPUT);
    return new KernelRun(tables, memory, exports, spans);
  }

  /** Can whole batches be walked? */
  get takesBatches(): boolean {
    return this.takesRuns && this.#parts.envelope !== undefined;
  }

  /** Begins a run of batches of one stream. Without `encrypt`. Nothing else is asked of the kernel until the run is over. */
  walk(stream: WalkedStream): KernelWalk {
    const { tables, memory, exports } = this.#parts;
    assert(tables !== undefined && this.takesBatches, "The plan is one for batches.");
    this.#sealing = undefined;
    this.#enter(tables);
    return new KernelWalk(tables, memory, exports, stream);
  }

  /** Answers the kernel, which asks what becomes of a token. A rule that throws makes the record the reference implementation's. */
  decide(node: number, from: number, length: number, to: number, most: number): number {
    const { tables, memory, plan, keys } = this.#parts;
    if (node === KEY_NODE) return this.#decideKey(from, length, to);
    const host = tables?.hosts[node];
    if (tables === undefined || host === undefined) return L.HOST_REFUSED;
    const context = { partner: plan.partner, keys, sealing: this.#sealing };
    try {
      const token = memory.subarray(from, from + length);
      const outcome = decideToken(token, host, context, plan, tables.counters);
      if (outcome !== undefined) layRule(memory, tables, outcome.counter);
      return answer(memory, outcome, to, most);
    } catch {
      return L.HOST_REFUSED;
    }
  }

  #decideKey(from: number, length: number, to: number): number {
    const { memory, plan, keys } = this.#parts;
    try {
      return answerKey(memory, memory.subarray(from, from + length), plan, keys, to);
    } catch {
      return L.HOST_REFUSED;
    }
  }

  #enter(tables: PlanTables): void {
    const { image, root, conditions, counters } = tables;
    if (!this.#claim(this)) return;
    const { memory, exports, plan, envelope } = this.#parts;
    memory.set(image, L.PLAN);
    if (envelope !== undefined) memory.set(envelope, TEMPLATE);
    memory.fill(0, KNOWN_DENIALS, KNOWN_DENIALS + 4 * KNOWN_DENIALS_MAX);
    for (let counter = 1; counter <= counters.last; counter++) layRule(memory, tables, counter);
    const wanted = conditions.native.reduce((bits, { bit }) => bits | bit, 0);
    const { depthMax, arrayLengthMax } = plan.limits;
    exports.beginSums(L.COUNTERS_MAX);
    exports.usePlan(root, Math.min(depthMax, DEPTH_MAX), Math.min(arrayLengthMax, ITEMS_MAX), wanted);
  }

  /** In the order of the plan. */
  #unmet(value: Uint8Array, { conditions }: PlanTables, met: number): readonly PlanCondition[] | undefined {
    const { plan } = this.#parts;
    if (plan.conditions.length === 0) return [];
    const unmet = new Set(
      conditions.native.filter(({ bit }) => (met & bit) === 0).map(({ condition }) => condition),
    );
    if (conditions.others.length > 0) {
      const read = readJson(value, plan.limits);
      if (!read.ok) return undefined;
      for (const condition of conditions.others) if (!isMet(condition, read.value)) unmet.add(condition);
    }
    return plan.conditions.filter((condition) => unmet.has(condition));
  }

  #counts(): readonly (readonly [number, number])[] {
    const { memory, exports } = this.#parts;
    return Array.from({ length: exports.touched() }, (_, index) => {
      const counter = memory.readInt32LE(L.TOUCHED + 4 * index);
      return [counter, memory.readInt32LE(L.COUNTS + 4 * counter)] as const;
    });
  }
}

/** The kernel goes into containers by calling itself: deeper values are not its own, whatever a plan allows. */
const DEPTH_MAX = 256;
const ITEMS_MAX = 0x7fff_ffff;

const layRule = (memory: Buffer, { counters }: PlanTables, counter: number): unknown =>
  memory.writeInt32LE(counters.ruleOf(counter), L.RULE_OF + 4 * counter);

function areWithin(spans: Int32Array, bytes: number): boolean {
  for (let at = 0; at < spans.length; at += 2) {
    const [start = -1, length = -1] = [spans[at], spans[at + 1]];
    if (start < 0 || length < 0 || start + length > bytes) return false;
  }
  return true;
}

const OTHER: KernelVerdict = { effect: "other", fault: "too large" };
