import { defineConfig } from "vitest/config";

/** What measures time under load, or runs several brokers under faults, has the machine to itself. */
const ALONE = [
  "test/end-to-end/exactly-once.test.ts",
  "test/end-to-end/revocation.test.ts",
  "test/end-to-end/faults/**/*.test.ts",
];

export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    pool: "forks",
    // Two cores may also carry a broker, gateways and a compiler: generous, because a hang is what they catch.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "rooms",
          include: ["test/**/*.test.ts"],
          exclude: ["test/end-to-end/**"],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "end-to-end",
          include: ["test/end-to-end/**/*.test.ts"],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "end-to-end, alone",
          include: ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
