import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import { escapeSegment } from "../kernel/pointer.ts";
import type { Problem } from "../kernel/problem.ts";
import { REASONS } from "../kernel/reason.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import { readPlainJson } from "../kernel/strict-json.ts";
import { readTree, type Span, type Tree } from "./tree.ts";

/** A place in a file; both from 1, the column in UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A file that somebody wrote, as JSON, with the place of every value. */
export interface Document {
  readonly file: string;
  readonly value: Json;
  /** What does not stop the reading, for example a number that loses precision. Belongs into every report on the file. */
  readonly warnings: readonly Problem[];
  /** Where the value at `pointer` (RFC 6901) begins, or its nearest ancestor that is there. */
  locate(pointer: string): Place;
  /** Where the name of the member at `pointer` begins; an element of an array has its value's place. */
  locateKey(pointer: string): Place;
}

/**
 * Reads one YAML 1.2 (core schema) or JSON document. Timestamps stay strings. Refused, with every place: bad UTF-8, syntax
 * errors, aliases, tags of one's own, duplicate and prototype names, several documents, numbers that JSON has not, more bytes,
 * depth or nodes than `LIMITS.document…` says. A file whose name ends in `.json` must be JSON (RFC 8259).
 */
export function readDocument(text: Uint8Array | string, file: string): Result<Document, readonly Problem[]> {
  const bytes = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  if (bytes > LIMITS.documentBytesMax) {
    return failed([
      whole(
        file,
        "file.too-large",
        `The file has ${bytes} bytes; at most ${LIMITS.documentBytesMax} are read.`,
        "Split or shorten it.",
      ),
    ]);
  }
  const source = decode(text);
  if (source === undefined) {
    return failed([
      whole(file, "file.not-utf8", "The file is not well-formed UTF-8.", "Save it again as UTF-8."),
    ]);
  }
  const tree = readTree(source, file);
  if (tree.value === undefined || tree.problems.some((problem) => problem.severity === "error")) {
    return failed(tree.problems.slice(0, LIMITS.problemsMax));
  }
  const notJson = file.endsWith(".json") ? jsonFault(source, file, tree) : undefined;
  if (notJson !== undefined) return failed([notJson]);
  const { value, spans, lines, problems } = tree;
  const nearest = (pointer: string): { span: Span; exact: boolean } => {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
      const span = spans.get(at);
      if (span !== undefined) return { span, exact: at === pointer };
      if (at === "") return { span: { key: 0, value: 0 }, exact: false };
    }
  };
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return done({
    file,
    value,
    warnings: problems,
    locate: (pointer) => place(nearest(pointer).span.value),
    locateKey: (pointer) => {
      const { span, exact } = nearest(pointer);
      return place(exact ? span.key : span.value);
    },
  });
}

const START: Place = { line: 1, column: 1 };

/** A value that did not come as a text: nothing in it has a place. */
export const placeless = (value: Json, file: string): Document => ({
  file,
  value,
  warnings: [],
  locate: () => START,
  locateKey: () => START,
});

/** The pointer of a member or element below `parent`. */
export const below = (parent: string, segment: string | number): string =>
  `${parent}/${escapeSegment(String(segment))}`;

function whole(file: string, rule: string, message: string, mend: string): Problem {
  return { severity: "error", file, line: 1, column: 1, pointer: "", rule, message, mend };
}

function decode(text: Uint8Array | string): string | undefined {
  if (typeof text === "string") {
    return text.isWellFormed() ? text.replace(/^\uFEFF/, "") : undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(text);
  } catch {
    return undefined;
  }
}

/** YAML is a superset of JSON: what must be JSON is read a second time, by the letter of RFC 8259. */
function jsonFault(source: string, file: string, { lines }: Tree): Problem | undefined {
  const json = readPlainJson(source);
  if (json.ok) return undefined;
  const before = Buffer.from(source).toString("utf8", 0, json.fault.at);
  const { line, col } = lines.linePos(before.length);
  const message = REASONS[json.fault.code];
  return { ...whole(file, "file.not-json", message, "Correct the JSON here (RFC 8259)."), line, column: col };
}
