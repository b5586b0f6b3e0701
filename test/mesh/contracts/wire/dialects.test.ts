import { describe, expect, it } from "vitest";
import { dialectOf, NEWEST } from "../../../../src/mesh/contracts/wire/dialects.ts";

describe("a version of JSON Schema", () => {
  it.each([
    ["http://json-schema.org/draft-04/schema#", "draft-04"],
    ["http://json-schema.org/draft-06/schema", "draft-06"],
    ["https://json-schema.org/draft-07/schema#", "draft-07"],
    ["https://json-schema.org/draft/2019-09/schema", "2019-09"],
    ["https://json-schema.org/draft/2020-12/schema", "2020-12"],
  ])("named %s is %s, and its meta-schema judges", (uri, name) => {
    const dialect = dialectOf(uri);
    expect(dialect?.name).toBe(name);
    expect(dialect?.meta()({ type: "object", properties: { a: { minLength: 1 } } })).toBe(true);
    expect(dialect?.meta()({ properties: { a: { minLength: "one" } } })).toBe(false);
  });

  it("that nobody knows is none, and without one the newest is meant", () => {
    expect(dialectOf("http://json-schema.org/draft-03/schema#")).toBeUndefined();
    expect(NEWEST.name).toBe("2020-12");
  });
});
