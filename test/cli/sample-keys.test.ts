import { expect, test } from "vitest";
import { sampleKeys } from "../../src/cli/sample-keys.ts";

test("sample keys are the same at each call and apart by partner, domain and use", () => {
  const { pseudonyms, opaque } = sampleKeys();
  const text = (key: ReturnType<typeof opaque.opaque>) => key.export().toString("hex");
  expect(text(sampleKeys().pseudonyms.key("a", "b"))).toBe(text(pseudonyms.key("a", "b")));
  const all = [
    pseudonyms.key("a", "b"),
    pseudonyms.key("a", "c"),
    pseudonyms.key("b", "b"),
    opaque.opaque("a"),
  ];
  expect(new Set(all.map(text)).size).toBe(4);
  expect(pseudonyms.epoch).toBe(1);
});
