import { defineConfig } from "vitest/config";

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
        test: { name: "rooms", include: ["test/**/*.test.ts"], exclude: ["test/end-to-end/**"] },
      },
      {
        extends: true,
        // One at a time, after all others: each brings its own brokers and gateways.
        test: {
          name: "end-to-end",
          include: ["test/end-to-end/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
