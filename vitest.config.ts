import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * They keep nothing in their process, and what another left there makes no difference to them: files behind each other in one
 * spare its start and a hundred times the same modules. One of the document room watches what is compiled for the first time.
 */
const TOGETHER = [
  "test/document/!(own-schemas).test.ts",
  ...[
    "audit",
    "bridge",
    "config",
    "conformance",
    "http",
    "kafka",
    "kernel",
    "mesh",
    "policy",
    "ports",
    "tenants",
  ].map((room) => `test/${room}/**/*.test.ts`),
];

/** They share a process too; what takes most of their time is the program, which they run as its users do. */
const COMMAND_LINE = [
  "test/cli/**/*.test.ts",
  "test/dev/bench/race/contracts.test.ts",
  "test/own-modules/guide.test.ts",
];

/** What says within which time something happens has the machine to itself. */
const ALONE = [
  "test/end-to-end/revocation.test.ts",
  "test/end-to-end/faults/processes.test.ts",
  "test/end-to-end/faults/push-processes.test.ts",
];

/** They take longest, or wait longest, so they begin first: none is left running alone at the end. */
const LONG = [
  "simulation/even-seeds",
  "simulation/odd-seeds",
  "kafka/broker-faults",
  "kafka/transaction-faults",
  "kafka/secure-listeners",
  "end-to-end/exactly-once",
  "end-to-end/faults/brokers",
  "end-to-end/push",
  "end-to-end/faults/network",
  "end-to-end/faults/identities",
  "end-to-end/wrong-input",
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
          exclude: ["test/end-to-end/**", ...COMMAND_LINE, ...TOGETHER],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "command line",
          include: COMMAND_LINE,
          isolate: false,
          // A test runs several processes, and the machine may be busy with others.
          testTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "rooms, together",
          include: TOGETHER,
          isolate: false,
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
