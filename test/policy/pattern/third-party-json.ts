import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../../src/kernel/json.ts";
import { thirdParty } from "../../support/third-party.ts";

export interface JsonFile {
  /** Below the folder of third-party data. */
  readonly path: string;
  readonly value: Json;
}

/** JSON files of the folders that are there; a file with a comment in it is none. */
export function jsonFilesIn(...folders: readonly string[]): readonly JsonFile[] {
  return folders.flatMap((folder) => {
    const root = thirdParty(folder);
    const paths = root === undefined ? [] : globSync("**/*.{json,jsonld}", { cwd: root }).sort();
    return paths.flatMap((path) => {
      const value = readValue(join(root ?? "", path));
      return value === undefined ? [] : [{ path: `${folder}/${path}`, value }];
    });
  });
}

function readValue(path: string): Json | undefined {
  try {
    const value: Json = JSON.parse(readFileSync(path, "utf8"));
    return value;
  } catch {
    return undefined;
  }
}

/** Every string of a value and the name it stands under, and every name as a string under none. */
export function* stringsIn(
  value: Json,
  name = "",
): Generator<{ readonly name: string; readonly text: string }> {
  if (typeof value === "string") yield { name, text: value };
  else if (Array.isArray(value)) for (const item of value) yield* stringsIn(item, name);
  else if (typeof value === "object" && value !== null) {
    for (const [member, inner] of Object.entries(value)) {
      yield { name: "", text: member };
      yield* stringsIn(inner, member);
    }
  }
}
