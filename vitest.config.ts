import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What says within which time something happens has the machine to itself. */
const ALONE = ["test/end-to-end/revocation.test.ts", "test/end-to-end/faults/processes.test.ts"];

/** They take longest, half a minute and more, so they begin first: none is left running alone at the end. */
const LONG = [
  "simulation/even-seeds",
  "simulation/odd-seeds",
  "end-to-end/exactly-once",
  "end-to-end/faults/brokers",
  "end-to-end/push",
  "end-to-end/faults/network",
  "end-to-end/faults/identities",
  "end-to-end/faults/cluster",
  "end-to-end/failover",
].map((name) => `/test/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONG.findIndex((end) => moduleId.endsWith(end));
      return rank < 0 ? LONG.length : rank;
    };
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
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
          // Brokers and gateways wait for each other most of the time: one more than there are cores.
          maxWorkers: 3,
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
