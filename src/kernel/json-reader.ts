import { Buffer } from "node:buffer";
import type { JsonArray, JsonLiteral, JsonNode, JsonObject } from "./json.ts";
import { endOfNumber, readString, skipSpace } from "./json-token.ts";
import { LIMITS } from "./limits.ts";
import { done, failed, type Result } from "./result.ts";

export interface JsonFault {
  readonly code:
    | "JSON_SYNTAX"
    | "JSON_DUPLICATE_NAME"
    | "JSON_TOO_DEEP"
    | "JSON_NOT_UTF8"
    /** Also for an object of more names than `LIMITS.membersMax`. */
    | "ARRAY_TOO_LONG";
  /** Byte offset from 0. */
  readonly at: number;
}

/** `depthMax` counts arrays and objects inside each other: a scalar has depth 0, `[]` has 1. */
export interface JsonLimits {
  readonly depthMax: number;
  readonly arrayLengthMax: number;
  /** Refuse numbers beyond the range of a double (RFC 7493 §2.2). */
  readonly doublesOnly?: boolean;
}

const LITERALS: readonly JsonLiteral[] = [
  { kind: "literal", raw: "null" },
  { kind: "literal", raw: "true" },
  { kind: "literal", raw: "false" },
];

interface OpenArray {
  readonly close: "]";
  readonly node: JsonArray;
  readonly items: JsonNode[];
}
interface OpenObject {
  readonly close: "}";
  readonly node: JsonObject;
  readonly members: Map<string, { raw: string; value: JsonNode }>;
  /** The member whose value comes next. */
  name: string;
  raw: string;
}
type Open = OpenArray | OpenObject;

/** One JSON text; the text is well-formed Unicode. Iterative, so that no depth overflows the call stack. */
export function readText(text: string, limits: JsonLimits): Result<JsonNode, JsonFault> {
  return new JsonReader(text, limits).read();
}

/** A method that can fail returns undefined then, and has noted the fault. */
class JsonReader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  /** Containers that are open, outermost first. */
  readonly #open: Open[] = [];
  #at = 0;
  #fault: JsonFault | undefined;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  read(): Result<JsonNode, JsonFault> {
    let root: JsonNode | undefined;
    while (root === undefined && this.#fault === undefined) {
      const value = this.#value();
      if (value !== undefined) root = this.#place(value);
    }
    this.#space();
    if (this.#fault === undefined && this.#at < this.#text.length) this.#refuse("JSON_SYNTAX");
    return root !== undefined && this.#fault === undefined ? done(root) : failed(this.#fault as JsonFault);
  }

  /** The next scalar or empty container; undefined also when a container was opened, whose first value comes next. */
  #value(): JsonNode | undefined {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === "[") return this.#openArray();
    if (first === "{") return this.#openObject();
    const literal = LITERALS.find(({ raw }) => this.#text.startsWith(raw, this.#at));
    if (literal === undefined) return this.#number();
    this.#at += literal.raw.length;
    return literal;
  }

  /** Puts a value into its container and closes containers as they end. The root when it is complete. */
  #place(value: JsonNode): JsonNode | undefined {
    let node = value;
    for (let parent = this.#open.at(-1); parent !== undefined; parent = this.#open.at(-1)) {
      if (!this.#add(parent, node)) return undefined;
      this.#space();
      if (this.#skip(",")) {
        if (parent.close === "}") this.#name(parent);
        return undefined;
      }
      if (!this.#skip(parent.close)) return this.#refuse("JSON_SYNTAX");
      this.#open.pop();
      node = parent.node;
    }
    return node;
  }

  #add(parent: Open, value: JsonNode): boolean {
    if (parent.close === "}") parent.members.set(parent.name, { raw: parent.raw, value });
    else if (parent.items.push(value) > this.#limits.arrayLengthMax) this.#refuse("ARRAY_TOO_LONG");
    return this.#fault === undefined;
  }

  #openArray(): JsonNode | undefined {
    const items: JsonNode[] = [];
    const array: OpenArray = { close: "]", node: { kind: "array", items }, items };
    return this.#enter(array) ? array.node : undefined;
  }

  #openObject(): JsonNode | undefined {
    const members: OpenObject["members"] = new Map();
    const node: JsonObject = { kind: "object", members };
    const object: OpenObject = { close: "}", node, members, name: "", raw: "" };
    if (this.#enter(object)) return object.node;
    if (this.#fault === undefined) this.#name(object);
    return undefined;
  }

  /** True when the container is empty and so complete. */
  #enter(container: Open): boolean {
    if (this.#open.length >= this.#limits.depthMax) {
      this.#refuse("JSON_TOO_DEEP");
      return false;
    }
    this.#at++;
    this.#space();
    if (this.#skip(container.close)) return true;
    this.#open.push(container);
    return false;
  }

  /** A member's name and the colon after it. */
  #name(object: OpenObject): void {
    this.#space();
    const from = this.#at;
    const name = this.#text[from] === '"' ? this.#string() : this.#refuse("JSON_SYNTAX");
    if (name === undefined) return;
    this.#space();
    if (object.members.has(name.value)) this.#refuse("JSON_DUPLICATE_NAME", from);
    else if (object.members.size >= LIMITS.membersMax) this.#refuse("ARRAY_TOO_LONG", from);
    else if (!this.#skip(":")) this.#refuse("JSON_SYNTAX");
    object.name = name.value;
    object.raw = name.raw;
  }

  #string() {
    const from = this.#at;
    const token = readString(this.#text, from);
    if (typeof token === "number") return this.#refuse("JSON_SYNTAX", token);
    // The text itself is well-formed, so only escapes can make half a pair.
    if (!token.value.isWellFormed()) return this.#refuse("JSON_NOT_UTF8");
    this.#at = token.end;
    return { kind: "string", value: token.value, raw: this.#text.slice(from, token.end) } as const;
  }

  #number(): JsonNode | undefined {
    const from = this.#at;
    const end = endOfNumber(this.#text, from);
    if (end < 0) return this.#refuse("JSON_SYNTAX");
    const raw = this.#text.slice(from, end);
    if (this.#limits.doublesOnly && !Number.isFinite(Number(raw))) return this.#refuse("JSON_SYNTAX");
    this.#at = end;
    return { kind: "number", raw };
  }

  #space(): void {
    this.#at = skipSpace(this.#text, this.#at);
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** The first fault stands: what is found after it is a consequence. */
  #refuse(code: JsonFault["code"], at = this.#at): undefined {
    this.#fault ??= { code, at: Buffer.byteLength(this.#text.slice(0, at)) };
  }
}
