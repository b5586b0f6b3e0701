import { expect, test } from "vitest";
import { sampleKeys } from "../../src/cli/sample-keys.ts";
import { AGE, newRecipient, PLACE } from "../tenants/sealed.ts";

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

test("a sample sealer makes the same text at each call", () => {
  const { kid, x } = newRecipient();
  const token = () => sampleKeys().sealer.seal("1", PLACE, "r", { kid, x }, AGE);
  expect(token()).toBe(token());
});

/** Cases hold what is made of these keys. */
test("the derivations of sample keys do not change", () => {
  const { pseudonyms, opaque } = sampleKeys();
  const hex = [pseudonyms.key("urn:x-a:1", "part"), opaque.opaque("event-id")].map((key) =>
    key.export().toString("hex"),
  );
  expect(hex).toEqual([
    "9dd223ec63eda8bf930a8022e0e8e55f85e5cc7341a392ee083928913b086673",
    "e465354e5ebb7ac77171243b32de98fc005a03e27d953859907cfe63f773da9f",
  ]);
});
