import { MeshError } from "../kernel/error.ts";
import type { Reference } from "../kernel/kafka-section.ts";

/** JSON Schema of a reference. */
export const REFERENCE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    file: { type: "string", minLength: 1 },
    env: { type: "string", minLength: 1 },
  },
} as const;

/** Where references lead. */
export interface References {
  /** The text of a file; the path is as the file says it. Undefined: it can't be read. */
  readFile(path: string): string | undefined;
  /** The text of a file below the folder of gateway.yaml, by its path from there; a link that leads out leads nowhere. */
  readInside(path: string): string | undefined;
  env(name: string): string | undefined;
}

export const describeReference = (reference: Reference): string =>
  "file" in reference ? `the file ${reference.file}` : `the environment variable ${reference.env}`;

/** What a reference leads to, without the line break that editors put at the end. Throws FILE_UNREADABLE. */
export function follow(
  reference: Reference,
  { readFile, env }: Pick<References, "readFile" | "env">,
): string {
  const found = "file" in reference ? readFile(reference.file) : env(reference.env);
  const text = found?.replace(/\r?\n$/, "");
  if (text === undefined || text === "") {
    const fault = text === "" ? "holds nothing" : "can't be read";
    const place = describeReference(reference);
    throw new MeshError("FILE_UNREADABLE", `${place.charAt(0).toUpperCase()}${place.slice(1)} ${fault}.`);
  }
  return text;
}
