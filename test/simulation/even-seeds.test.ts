import { vi } from "vitest";
import { lane } from "./lane.ts";

vi.mock("node:crypto", async (original) =>
  (await import("./quick-signatures.ts")).withQuickSignatures(await original()),
);

lane(1);
