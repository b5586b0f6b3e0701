import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { placeOf } from "../../../src/bridge/links/progress.ts";
import { type AdmittedRun, admittedRuns } from "../../../src/bridge/publish/admitted-runs.ts";
import type { Publication } from "../../../src/bridge/publish/publication.ts";
import { TICK } from "../../../src/bridge/pump.ts";
import type { AdmissionSummary } from "../../../src/kernel/decision.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { SourceBatch } from "../../../src/kernel/ports.ts";
import { countOf } from "../../../src/mesh/admit-parts.ts";

const at = (offset: number) => ({ partition: 1, offset: BigInt(offset), leaderEpoch: 0 });
const run = (from: number): SourceBatch => ({ from: at(from), next: at(from + 1), batches: [], end: 99n });
const numberOf = ({ from }: SourceBatch): number => Number(from.offset);

/** Decides on call, so that a test says in which order answers come. */
class Deciding {
  readonly asked: number[] = [];
  readonly #waiting = new Map<
    number,
    { resolve: (run: AdmittedRun) => void; reject: (error: Error) => void }
  >();

  readonly admit = async (batch: SourceBatch): Promise<AdmittedRun> => {
    this.asked.push(numberOf(batch));
    return await new Promise((resolve, reject) => this.#waiting.set(numberOf(batch), { resolve, reject }));
  };
  finish(number: number): void {
    const admitted = { body: undefined, count: number, summary: {} as AdmissionSummary };
    this.#waiting.get(number)?.resolve({
      place: placeOf(run(number)),
      parts: [{ next: run(number).next, admitted }],
      publication: {} as Publication,
    });
  }
  fail(number: number, error: Error): void {
    this.#waiting.get(number)?.reject(error);
  }
}

async function* of(...steps: (SourceBatch | typeof TICK)[]): AsyncGenerator<SourceBatch | typeof TICK> {
  yield* steps;
}

/** What came so far: counts, ticks, and codes of partitions that ended. */
function watch(steps: AsyncIterable<Awaited<ReturnType<Deciding["admit"]>> | object | typeof TICK>) {
  const seen: unknown[] = [];
  const over = (async () => {
    for await (const step of steps) {
      if (step === TICK) seen.push("tick");
      else if ("parts" in step) seen.push(countOf((step as AdmittedRun).parts));
      else if ("error" in step) seen.push((step.error as MeshError).code);
    }
  })();
  over.catch(() => undefined);
  return { seen, over };
}

describe("runs that are decided elsewhere", () => {
  test("are asked for together, and come in their order whichever is decided first", async () => {
    const deciding = new Deciding();
    const { seen, over } = watch(admittedRuns(of(run(1), TICK, run(2), run(3)), deciding.admit));
    await turn();
    expect(deciding.asked).toEqual([1, 2, 3]);
    deciding.finish(3);
    deciding.finish(2);
    await turn();
    expect(seen).toEqual([]);
    deciding.finish(1);
    await over;
    expect(seen).toEqual([1, "tick", 2, 3]);
  });

  test("are not taken from the source without a bound", async () => {
    const deciding = new Deciding();
    const many = Array.from({ length: 40 }, (_, index) => run(index));
    watch(admittedRuns(of(...many), deciding.admit));
    await turn();
    expect(deciding.asked.length).toBeLessThanOrEqual(9);
  });

  test.each(["SOURCE_CORRUPT", "SOURCE_CODEC"] as const)(
    "end their partition with %s, and others go on",
    async (code) => {
      const deciding = new Deciding();
      const { seen, over } = watch(admittedRuns(of(run(1), run(2)), deciding.admit));
      await turn();
      deciding.fail(1, new MeshError(code, "The batch is broken."));
      deciding.finish(2);
      await over;
      expect(seen).toEqual([code, 2]);
    },
  );

  test("let every other failure through", async () => {
    const deciding = new Deciding();
    const { over } = watch(admittedRuns(of(run(1)), deciding.admit));
    await turn();
    deciding.fail(1, new MeshError("INTERNAL", "A lane died."));
    await expect(over).rejects.toMatchObject({ code: "INTERNAL" });
  });

  test("let the source's failure through", async () => {
    async function* failing(): AsyncGenerator<SourceBatch> {
      yield* [];
      throw new MeshError("SOURCE_MISSING", "Gone.");
    }
    const { over } = watch(admittedRuns(failing(), new Deciding().admit));
    await expect(over).rejects.toMatchObject({ code: "SOURCE_MISSING" });
  });
});
