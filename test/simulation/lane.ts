import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ground, ground } from "./companies.ts";
import { Coverage } from "./coverage.ts";
import { signatures } from "./quick-signatures.ts";
import { type Outcome, Schedule } from "./schedule.ts";

const SCHEDULES = 10_000;
const LANES = 2;
const CHUNK = 500;
/** Of a chunk: a machine that has much else to do takes its time. */
const CHUNK_MS_MAX = 240_000;
/** Each so-many-th schedule signs with Ed25519 and makes every error's stack; the others sign quickly. */
const WHOLE_EVERY = 50;
const ONE_SEED = process.env.SEED;

/** Runs a schedule; the error that it throws tells how to see it again. */
export async function play(seed: number, make: () => Schedule): Promise<Outcome> {
  signatures.areQuick = seed % WHOLE_EVERY !== 0;
  const { stackTraceLimit } = Error;
  if (signatures.areQuick) Error.stackTraceLimit = 0;
  try {
    return await make().run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    signatures.areQuick = false;
  }
}

/** Everything that is known of a schedule, for whoever has to find out why. */
export function report({ seed, violations, struck, steps, told, stop }: Outcome): string {
  const faults = struck.map(([at, name]) => `  ${Math.floor(at)} ms ${name}`);
  return [
    `SEED=${seed} npx vitest run --project rooms test/simulation`,
    ...violations.map((violation) => `✗ ${violation}`),
    `${steps} steps; stopped by ${stop ?? "nothing"}; told ${told.join(", ")}; faults:`,
    ...faults,
  ].join("\n");
}

/** The schedules are spread over two test files, so that two processes run them. */
export function lane(number: 0 | 1): void {
  const seeds =
    ONE_SEED === undefined
      ? Array.from({ length: SCHEDULES / LANES }, (_, at) => 1 + number + LANES * at)
      : [Number(ONE_SEED)].filter((seed) => seed % LANES === (1 + number) % LANES);
  const chunks = Array.from({ length: Math.ceil(seeds.length / CHUNK) }, (_, at) =>
    seeds.slice(at * CHUNK, (at + 1) * CHUNK),
  );
  const coverage = new Coverage();
  let both: Ground;
  beforeAll(async () => {
    both = await ground();
  });
  afterAll(() => {
    if (ONE_SEED === undefined) expect(coverage.gaps()).toEqual([]);
  });

  describe(`what DESIGN §2 promises holds in lane ${number}`, () => {
    test.each(chunks.map((chunk) => [chunk[0], chunk.at(-1), chunk] as const))(
      "in schedules %i to %i",
      async (_first, _last, chunk) => {
        for (const seed of chunk) {
          const outcome = await play(seed, () => new Schedule(seed, both));
          coverage.add(outcome);
          if (outcome.violations.length > 0) expect.fail(report(outcome));
        }
      },
      CHUNK_MS_MAX,
    );
  });
}
