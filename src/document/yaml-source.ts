import { Composer, CST, type Document, type ErrorCode, Lexer, Parser } from "yaml";
import { LIMITS } from "../kernel/limits.ts";

/** Something that keeps the text from being one document; `at` is an offset in UTF-16 code units. */
export interface SourceFault {
  readonly at: number;
  readonly rule: string;
  readonly message: string;
  readonly mend: string;
}

/** Strict YAML 1.2 core schema. Duplicate names are found by the reader of the tree, which needs no quadratic search. */
const OPTIONS = {
  version: "1.2",
  schema: "core",
  strict: true,
  uniqueKeys: false,
  merge: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: "silent",
} as const;

/** What the parser's codes mean; its own messages may quote the file, which may hold what nobody should read in a log. */
const WORDS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "An alias has a tag or an anchor.",
  BAD_ALIAS: "An alias names nothing.",
  BAD_COLLECTION_TYPE: "A tag does not fit its collection.",
  BAD_DIRECTIVE: "A directive is not one of YAML 1.2.",
  BAD_DQ_ESCAPE: "An escape in a double-quoted string is not one of YAML's.",
  BAD_INDENT: "The indentation does not fit the lines above.",
  BAD_PROP_ORDER: "A tag or an anchor stands at the wrong place.",
  BAD_SCALAR_START: "A plain value can't begin with this character; it needs quotes.",
  BLOCK_AS_IMPLICIT_KEY: "A nested mapping can't begin on the line of its parent's name.",
  BLOCK_IN_FLOW: "An indented collection can't stand inside brackets or braces.",
  DUPLICATE_KEY: "A name stands twice in one mapping.",
  IMPOSSIBLE: "The YAML can't be read.",
  KEY_OVER_1024_CHARS: "A name has more than 1024 characters.",
  MISSING_CHAR: "A character is missing, for example a closing quote, bracket or comma.",
  MULTILINE_IMPLICIT_KEY: "A name goes over several lines.",
  MULTIPLE_ANCHORS: "A value has more than one anchor.",
  MULTIPLE_DOCS: "The file holds more than one document.",
  MULTIPLE_TAGS: "A value has more than one tag.",
  NON_STRING_KEY: "A name is not a string.",
  RESOURCE_EXHAUSTION: "The file is nested too deep.",
  TAB_AS_INDENT: "A tab stands where spaces must indent.",
  TAG_RESOLVE_FAILED: "A tag is not one of YAML's core schema, or does not fit its value.",
  UNEXPECTED_TOKEN: "Something stands here that does not belong here.",
};

const TOO_DEEP = {
  rule: "file.too-deep",
  message: `The file is nested deeper than ${LIMITS.documentDepthMax} levels.`,
  mend: "Make it flatter.",
};
const TOO_MANY = {
  rule: "file.too-many-nodes",
  message: `The file has more than ${LIMITS.documentNodesMax} values.`,
  mend: "Split it.",
};
const SEVERAL = {
  rule: "file.several-documents",
  message: "The file holds more than one document; a file holds one.",
  mend: "Put each document into a file of its own.",
};

/** The one YAML document of a text, or everything that is wrong with its syntax. Bounded in time before anything recurses. */
export function readYaml(text: string): { document: Document | undefined; faults: readonly SourceFault[] } {
  const tokens = tokenize(text);
  if (!Array.isArray(tokens)) return { document: undefined, faults: [tokens] };
  const deep = tooDeep(tokens);
  if (deep !== undefined) return { document: undefined, faults: [deep] };
  const documents = [...new Composer(OPTIONS).compose(tokens, true, text.length)];
  const first = documents[0];
  const second = documents[1];
  const faults: SourceFault[] = [];
  for (const { code, pos } of documents.flatMap((each) => [...each.errors, ...each.warnings])) {
    faults.push({ at: pos[0], rule: "file.syntax", message: WORDS[code], mend: "Correct the YAML here." });
  }
  if (second !== undefined) faults.push({ at: second.range[0], ...SEVERAL });
  return { document: first, faults };
}

/** Lexemes that open a level on one line or inside brackets, those that close one, and those that are values. */
const OPENS: ReadonlySet<string | null> = new Set(["flow-map-start", "flow-seq-start"]);
const CLOSES: ReadonlySet<string | null> = new Set(["flow-map-end", "flow-seq-end"]);
const INDICATORS: ReadonlySet<string | null> = new Set(["seq-item-ind", "explicit-key-ind", "map-value-ind"]);
const SCALARS: ReadonlySet<string | null> = new Set([
  "scalar",
  "single-quoted-scalar",
  "double-quoted-scalar",
]);

/** Lexemes of one value: name, colon, spaces, newline and the like. */
const LEXEMES_PER_NODE = 16;

/** Counts lexemes as they come, so that reading stops at the first sign that the text is larger or deeper than it may be. */
class Meter {
  #lexemes = 0;
  #scalars = 0;
  #flow = 0;
  #line = 0;

  /** What is too much; undefined: nothing yet. */
  count(type: string | null): typeof TOO_DEEP | undefined {
    this.#lexemes++;
    if (OPENS.has(type)) this.#flow++;
    else if (CLOSES.has(type)) this.#flow--;
    else if (type === "newline") this.#line = 0;
    else if (SCALARS.has(type)) this.#scalars++;
    else if (INDICATORS.has(type) && this.#flow <= 0) this.#line++;
    if (Math.max(this.#flow, this.#line) > LIMITS.documentDepthMax) return TOO_DEEP;
    const nodes = Math.max(this.#scalars, this.#lexemes / LEXEMES_PER_NODE);
    return nodes > LIMITS.documentNodesMax ? TOO_MANY : undefined;
  }
}

function tokenize(text: string): CST.Token[] | SourceFault {
  const parser = new Parser();
  const meter = new Meter();
  const tokens: CST.Token[] = [];
  let at = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const fault = meter.count(CST.tokenType(lexeme));
    if (fault !== undefined) return { at, ...fault };
    tokens.push(...parser.next(lexeme));
    // The lexer's marks of one control character stand for no text.
    if (lexeme !== CST.DOCUMENT && lexeme !== CST.FLOW_END && lexeme !== CST.SCALAR) at += lexeme.length;
  }
  tokens.push(...parser.end());
  return tokens;
}

/** Looks at the depth with a stack of its own, so that the composer, which recurses, gets nothing that is too deep for it. */
function tooDeep(tokens: readonly CST.Token[]): SourceFault | undefined {
  const open: { token: CST.Token; depth: number }[] = [];
  for (const token of tokens) {
    if (token.type === "document" && token.value !== undefined) open.push({ token: token.value, depth: 1 });
  }
  let nodes = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (++nodes > LIMITS.documentNodesMax) return { at: token.offset, ...TOO_MANY };
    if (!CST.isCollection(token)) continue;
    if (depth > LIMITS.documentDepthMax) return { at: token.offset, ...TOO_DEEP };
    for (const { key, value } of token.items) {
      if (key !== undefined && key !== null) open.push({ token: key, depth: depth + 1 });
      if (value !== undefined) open.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}
