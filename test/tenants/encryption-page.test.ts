import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compactDecrypt } from "jose";
import { describe, expect, test } from "vitest";
import { KEY_FILES } from "../../src/tenants/keys.ts";
import { newRecipient, PLACE, sealed } from "./sealed.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/encryption.md", import.meta.url)), "utf8");

/** The example without its imports, which are given to it. */
function example(): (token: string, key: unknown, place: typeof PLACE) => Promise<unknown> {
  const [, source = ""] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const body = source
    .replaceAll(/^import .*$/gm, "")
    .replace("export async function open", "return async function open");
  assert.notEqual(body, source, "The page has an example that imports and exports.");
  return new Function("compactDecrypt", "createHash", body)(compactDecrypt, createHash);
}

describe("docs/encryption.md", () => {
  const helix = newRecipient();

  test("has an example that opens what is encrypted", async () => {
    const token = sealed('{"price":[1.5,null]}', helix);
    expect(await example()(token, helix.privateKey, PLACE)).toEqual({ price: [1.5, null] });
  });

  test("has an example that refuses what was moved", async () => {
    const moved = example()(sealed("1", helix), helix.privateKey, { ...PLACE, eventId: "event-2" });
    await expect(moved).rejects.toThrow("another place");
  });

  test("names files of keys/ as they are called", () => {
    const named = [...page.matchAll(/`keys\/([\w.-]+)`/g)].map(([, name = ""]) => name);
    expect(named).toContain("encryption.jwk.json");
    for (const name of named) expect(Object.keys(KEY_FILES)).toContain(name);
  });
});
