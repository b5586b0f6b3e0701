import { digestOf } from "../../kernel/digest.ts";
import type { Json, JsonMembers } from "../../kernel/json.ts";
import type { SchemaFiles } from "./wire/schema-files.ts";

/**
 * Names a contract exactly: `sha-256:` and hex over the RFC 8785 form of the file, with the digest of its JSON Schema filled in,
 * whether the file says it or not. A schema that is spread over several files adds the others' digests, by path, as `files`.
 * `schema` is the pointer of the value of `mesh.schema`.
 */
export function contractDigest(contract: Json, schema: string, { main, digests }: SchemaFiles): string {
  const others = [...digests].filter(([path]) => path !== main.path);
  const bound: Json = {
    digest: digests.get(main.path) ?? "",
    ...(others.length === 0 ? {} : { files: Object.fromEntries(others) }),
  };
  return digestOf(amend(contract, schema.split("/").slice(1), bound));
}

/** The same value with these members in the object at the path, whose segments are names and indexes of this document. */
function amend(value: Json, path: readonly string[], members: JsonMembers): Json {
  const [first, ...rest] = path;
  if (value === null || typeof value !== "object") return value;
  if (first === undefined) return { ...value, ...members };
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === first ? amend(each, rest, members) : each));
  const inner = (value as JsonMembers)[first];
  return inner === undefined ? value : { ...value, [first]: amend(inner, rest, members) };
}
