import { describe, expect, it } from "vitest";
import { isInside, readReference } from "../../../../src/mesh/contracts/wire/reference.ts";

describe("a path", () => {
  it.each(["payload.schema.json", "parts/company.json", "a b/c-d_e.json"])(
    "%s lies in the folder",
    (path) => {
      expect(isInside(path)).toBe(true);
    },
  );

  it.each([
    "",
    "/a",
    "../a",
    "a/../b",
    "a//b",
    "a/",
    ".hidden",
    "a/.git",
    "C:a",
    "a\\b",
    "a\0",
    "%2e%2e/a",
    "https://a/b",
    `${"a".repeat(256)}`,
  ])("%j does not, or is not plain", (path) => {
    expect(isInside(path)).toBe(false);
  });
});

describe("a reference", () => {
  it.each([
    ["#/$defs/a", "parts/x.json", { file: "parts/x.json", fragment: "/$defs/a" }],
    ["#", "x.json", { file: "x.json", fragment: "" }],
    ["#/a%20b", "x.json", { file: "x.json", fragment: "/a b" }],
    ["y.json#short", "parts/x.json", { file: "parts/y.json", fragment: "short" }],
    ["./y.json", "x.json", { file: "y.json", fragment: "" }],
    ["https://own/x.json#/a", "x.json", { file: "x.json", fragment: "/a" }],
  ])("%s in %s leads into the folder", (ref, file, target) => {
    expect(readReference(ref, file, "https://own/x.json#")).toEqual(target);
  });

  it.each(["https://other/x.json", "//host/x.json", "../x.json", "/x.json", "file:x.json", "#/%zz", "?x"])(
    "%s leads nowhere",
    (ref) => {
      expect(readReference(ref, "parts/x.json", "https://own/x.json")).toBeUndefined();
    },
  );
});
