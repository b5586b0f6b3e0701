import { Buffer } from "node:buffer";
import type { JsonNode } from "../../kernel/json.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { readJson } from "../../kernel/strict-json.ts";
import { decimalOf, decimalText } from "../../policy/decimal.ts";
import { KEY_DOMAIN } from "../../policy/envelope.ts";
import { fieldPaths, type Step } from "../field-paths.ts";
import { readEventLine } from "../preview/event-line.ts";
import type { Domain } from "./domains.ts";

/** Texts that pseudonyms may have been made of → where each was found first, `file:line`. */
export type Texts = ReadonlyMap<string, string>;

/** Paths of a contract that are looked up for one value. */
const PATHS_MAX = 4096;

/** Values that may stand behind a pseudonym. Each text is held once for each path at which it stands. */
export class Candidates {
  readonly #anywhere = new Map<string, string>();
  readonly #at = new Map<string, Map<string, string>>();
  readonly #paths: ReadonlySet<string>;

  /** `paths` are those that contracts know. */
  constructor(paths: Iterable<string>) {
    this.#paths = new Set(paths);
  }

  /** A value from a list: it may stand in any field, as text, or as a number. */
  addValue(text: string, place: string): void {
    add(this.#anywhere, text, place);
    const number = normalised(text);
    if (number !== undefined) add(this.#anywhere, number, place);
  }

  /** The strings, numbers and key of a record. False: the line is none. */
  addRecord(line: Uint8Array, place: string): boolean {
    const read = readEventLine(line);
    if (!read.ok) return false;
    const { key, value } = read.value.record;
    if (key !== null) this.#add([KEY_DOMAIN], Buffer.from(key).toString("utf8"), place);
    const node = value === null ? undefined : readJson(value, LIMITS.recordCeiling);
    if (node?.ok === true) this.#addNode(dataOf(node.value), [], place);
    return node === undefined || node.ok;
  }

  /** What may stand behind a pseudonym of that domain, in lists that may overlap. */
  of({ fields, open }: Domain): readonly Texts[] {
    const places = open ? this.#at.values() : fields.flatMap(({ path }) => this.#at.get(path) ?? []);
    return [this.#anywhere, ...new Set(places)];
  }

  #addNode(node: JsonNode, steps: readonly Step[], place: string): void {
    if (node.kind === "array")
      for (const [element, item] of node.items.entries()) this.#addNode(item, [...steps, { element }], place);
    else if (node.kind === "object")
      for (const [member, { value }] of node.members) this.#addNode(value, [...steps, { member }], place);
    else {
      const text = node.kind === "string" ? node.value : normalised(node.raw);
      const paths = [...fieldPaths(steps).take(PATHS_MAX)];
      const known = paths.filter((path) => this.#paths.has(path));
      // A field that no contract has may still stand in a domain that is named elsewhere.
      if (text !== undefined) this.#add(known.length > 0 ? known : paths.slice(0, 1), text, place);
    }
  }

  #add(paths: readonly string[], text: string, place: string): void {
    for (const path of paths) {
      const texts = this.#at.get(path) ?? new Map<string, string>();
      this.#at.set(path, texts);
      add(texts, text, place);
    }
  }
}

function add(texts: Map<string, string>, text: string, place: string): void {
  if (!texts.has(text)) texts.set(text, place);
}

/** The text by which a number is pseudonymised. */
function normalised(text: string): string | undefined {
  const number = decimalOf(text);
  return number && decimalText(number);
}

/** A structured CloudEvent has its data one level below. */
function dataOf(value: JsonNode): JsonNode {
  const members = value.kind === "object" ? value.members : undefined;
  return (members?.has("specversion") === true ? members.get("data")?.value : undefined) ?? value;
}
