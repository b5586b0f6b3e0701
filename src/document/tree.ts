import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, type Node, type Pair } from "yaml";
import type { Json } from "../kernel/json.ts";
import { escapeSegment } from "../kernel/pointer.ts";
import type { Problem } from "../kernel/problem.ts";
import { quoteName } from "./name.ts";
import { changesValue } from "./number.ts";
import { readYaml } from "./yaml-source.ts";

/** Offsets in UTF-16 code units: where a value begins, and the name before it (the value itself in an array). */
export interface Span {
  readonly key: number;
  readonly value: number;
}

/** A text as JSON with the offsets of every value, and all problems found on the way. */
export interface Tree {
  readonly value: Json | undefined;
  readonly spans: ReadonlyMap<string, Span>;
  readonly lines: LineCounter;
  readonly problems: readonly Problem[];
}

/** Names that change what an object is in JavaScript; nothing of ours is called so. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Reads the text; `value` is undefined when there is none that can be used. */
export function readTree(text: string, file: string): Tree {
  const lines = countLines(text);
  const reader = new TreeReader(file, lines);
  const { document, faults } = readYaml(text);
  for (const { at, rule, message, mend } of faults) reader.report("error", rule, at, "", message, mend);
  if (document?.contents === undefined || document.contents === null) {
    if (faults.length === 0) {
      reader.report(
        "error",
        "file.empty",
        0,
        "",
        "The file holds no document.",
        "Write one, or remove the file.",
      );
    }
    return { value: undefined, spans: reader.spans, lines, problems: reader.problems };
  }
  const value = reader.read(document.contents, "", undefined);
  return { value, spans: reader.spans, lines, problems: reader.problems };
}

function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
  return lines;
}

class TreeReader {
  readonly spans = new Map<string, Span>();
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #lines: LineCounter;

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  report(
    severity: Problem["severity"],
    rule: string,
    at: number,
    pointer: string,
    message: string,
    mend: string,
  ): void {
    const { line, col } = this.#lines.linePos(at);
    this.problems.push({ severity, file: this.#file, line, column: col, pointer, rule, message, mend });
  }

  /** `key` is the offset of the name before the value. Recurses at most as deep as documents may be. */
  read(node: Node, pointer: string, key: number | undefined): Json {
    const at = node.range?.[0] ?? key ?? 0;
    this.spans.set(pointer, { key: key ?? at, value: at });
    if (isAlias(node)) {
      this.report(
        "error",
        "file.alias",
        at,
        pointer,
        "An alias stands for a value written elsewhere; files of this kind have none.",
        "Write the value out.",
      );
      return null;
    }
    if (isSeq<Node>(node)) {
      return node.items.map((item, index) => this.read(item, `${pointer}/${index}`, undefined));
    }
    if (isMap<Node, Node | null>(node)) return this.#members(node.items, pointer, at);
    return isScalar(node) ? this.#scalar(node.value, node.source, at, pointer) : null;
  }

  #members(pairs: readonly Pair<Node, Node | null>[], pointer: string, at: number): Json {
    const members = new Map<string, Json>();
    for (const { key, value } of pairs) {
      const keyAt = key.range?.[0] ?? at;
      const name = this.#name(key, keyAt, pointer);
      if (name === undefined) continue;
      const inner = `${pointer}/${escapeSegment(name)}`;
      if (members.has(name)) {
        this.report(
          "error",
          "file.duplicate-name",
          keyAt,
          inner,
          `The name ${quoteName(name)} stands twice in one mapping, so two readers could see two values.`,
          "Remove one of the two.",
        );
        continue;
      }
      if (value === null) this.spans.set(inner, { key: keyAt, value: keyAt });
      members.set(name, value === null ? null : this.read(value, inner, keyAt));
    }
    return Object.fromEntries(members);
  }

  #name(key: Node, at: number, pointer: string): string | undefined {
    if (!isScalar(key) || isCollection(key)) {
      this.report(
        "error",
        "file.name",
        at,
        pointer,
        "A name in a mapping is a list, a mapping or an alias; JSON has strings only.",
        "Write a plain name.",
      );
      return undefined;
    }
    const name = typeof key.value === "string" ? key.value : (key.source ?? "");
    if (PROTOTYPE_NAMES.has(name)) {
      this.report(
        "error",
        "file.name",
        at,
        pointer,
        `The name ${quoteName(name)} is refused, because it has a meaning of its own in JavaScript.`,
        "Use another name.",
      );
      return undefined;
    }
    return name;
  }

  #scalar(value: unknown, source: string | undefined, at: number, pointer: string): Json {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") {
      if (!value.isWellFormed()) {
        this.report(
          "error",
          "file.not-utf8",
          at,
          pointer,
          "A string holds half a surrogate pair, which UTF-8 can't express.",
          "Write both halves, or the character itself.",
        );
      }
      return value;
    }
    if (typeof value !== "number" || !Number.isFinite(value)) {
      this.report(
        "error",
        "file.number",
        at,
        pointer,
        "The value is infinite, not a number, or too large for JSON.",
        "Write a number, or a string in quotes.",
      );
      return null;
    }
    if (source !== undefined && changesValue(source, value)) {
      this.report(
        "warning",
        "file.number-precision",
        at,
        pointer,
        "The number has more digits than a double keeps, so it would be read as another one.",
        "Write it with fewer digits, or in quotes.",
      );
    }
    return value;
  }
}
