import { afterEach, expect, test, vi } from "vitest";
import { environment } from "../../src/config/environment.ts";

afterEach(() => vi.unstubAllEnvs());

test("a variable of the environment is read when it is asked for, and may be missing", () => {
  vi.stubEnv("TIERMESH_TEST_WORD", "first");
  expect(environment("TIERMESH_TEST_WORD")).toBe("first");
  vi.stubEnv("TIERMESH_TEST_WORD", undefined);
  expect(environment("TIERMESH_TEST_WORD")).toBeUndefined();
});
