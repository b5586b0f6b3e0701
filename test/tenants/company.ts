import assert from "node:assert/strict";
import { type Document, readDocument } from "../../src/document/document.ts";
import type { Json } from "../../src/kernel/json.ts";
import { createKeys, type KeyRing, keyFiles, readKeys } from "../../src/tenants/keys.ts";

export const AURORA = "urn:bpn:BPNL00000003AYRE";
export const HELIX = "urn:bpn:BPNL00000007QWER";

/** A ring with keys of its own. */
export async function freshRing(): Promise<KeyRing> {
  const files = keyFiles(await createKeys());
  return readKeys((name) => files.get(name));
}

/** A value as the file that somebody would write of it. */
export function documentOf(value: Json, file = "it.json"): Document {
  const read = readDocument(JSON.stringify(value), file);
  assert(read.ok, "The value is a document.");
  return read.value;
}

/** A copy in which the member at a pointer has another value, or is gone. */
export function changed(json: Json, pointer: string, value: Json | undefined): Json {
  const copy = structuredClone(json);
  const segments = pointer.split("/").slice(1);
  const last = segments.pop() ?? "";
  let at = copy as unknown as Record<string, unknown>;
  for (const segment of segments) at = at[segment] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}
