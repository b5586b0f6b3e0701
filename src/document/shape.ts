import type { ErrorObject, Options, ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Problem } from "../kernel/problem.ts";
import type { Document } from "./document.ts";
import { describeFault } from "./shape-words.ts";
import { withoutNoise } from "./union-noise.ts";

/** A JSON Schema, compiled when it is first needed, and once. Schemas that partners wrote never are. */
export interface Shape {
  /** First part of its rules' names. */
  readonly family: string;
  readonly validate: ValidateFunction;
}

const OPTIONS: Options = {
  allErrors: true,
  verbose: true,
  strict: false,
  discriminator: true,
  validateFormats: true,
  // The schemas are ours, and a test holds them against their meta-schemas: compiling those takes longer than the shapes do.
  validateSchema: false,
  // Shapes are compiled in every process and used a few times: making them faster costs more than it saves.
  code: { optimize: false },
  // What is referred to in many places is compiled once.
  inlineRefs: false,
};

/** One compiler a dialect. */
const V2019 = withFormats(new Ajv2019(OPTIONS));
const V2020 = withFormats(new Ajv2020(OPTIONS));

function withFormats<Compiler extends Ajv2019 | Ajv2020>(compiler: Compiler): Compiler {
  formats.default(compiler);
  return compiler;
}

/**
 * A schema as a shape (2020-12, or 2019-09 if `$schema` says so). Rules are named `<family>.<what>`: required, unknown-key, type,
 * value, format, length, range, size, unique, form.
 */
export function compileShape(schema: object, family = "shape"): Shape {
  let compiled: ValidateFunction | undefined;
  return {
    family,
    get validate() {
      compiled ??= compilerOf(schema).compile(schema);
      return compiled;
    },
  };
}

/** The same for a schema that an operator wrote. Undefined: it is none, by its meta-schema or to the compiler. */
export function soundShape(schema: object, family: string): Shape | undefined {
  try {
    const compiler = compilerOf(schema);
    if (compiler.validateSchema(schema) !== true) return undefined;
    return { family, validate: compiler.compile(schema) };
  } catch {
    return undefined;
  }
}

function compilerOf(schema: object): Ajv2019 | Ajv2020 {
  const dialect = "$schema" in schema ? String(schema.$schema) : "";
  return dialect.includes("2019-09") ? V2019 : V2020;
}

/** Everything in which the document, or its part at `pointer`, differs from the shape. Messages name places and never quote values. */
export function checkShape(document: Document, shape: Shape, pointer = ""): readonly Problem[] {
  const value = valueAt(document.value, pointer);
  if (value === undefined || shape.validate(value)) return [];
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const fault of withoutNoise(shape.validate.errors ?? [])) {
    const problem = toProblem(document, shape, pointer, fault);
    const identity = `${problem.pointer} ${problem.rule} ${problem.message}`;
    if (!seen.has(identity)) problems.push(problem);
    seen.add(identity);
  }
  return problems.slice(0, LIMITS.problemsMax);
}

function toProblem(document: Document, shape: Shape, base: string, fault: ErrorObject): Problem {
  const instancePath = `${base}${fault.instancePath}`;
  const words = describeFault({ ...fault, instancePath });
  const pointer = `${instancePath}${words.member ?? ""}`;
  const place = words.member === undefined ? document.locate(pointer) : document.locateKey(pointer);
  const { rule, message, mend } = words;
  return {
    severity: "error",
    file: document.file,
    ...place,
    pointer,
    rule: `${shape.family}.${rule}`,
    message,
    mend,
  };
}

/** RFC 6901 §4: no leading zero. */
const INDEX = /^(?:0|[1-9][0-9]*)$/;

/** The value at a pointer of RFC 6901; undefined when nothing is there. */
export function valueAt(value: Json, pointer: string): Json | undefined {
  let at: Json | undefined = value;
  for (const segment of pointer.split("/").slice(1)) {
    const name = segment.replaceAll("~1", "/").replaceAll("~0", "~");
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, name)) return undefined;
    if (Array.isArray(at) && !INDEX.test(name)) return undefined;
    at = (at as Readonly<Record<string, Json>>)[name];
  }
  return at;
}
