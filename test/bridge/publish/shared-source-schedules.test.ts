import fc from "fast-check";
import { expect, test } from "vitest";
import { BOUNDS, FollowedTopic, type Reader, settle } from "./followed-topic.ts";

type Step =
  | { readonly do: "append"; readonly partition: number; readonly count: number; readonly isCorrupt: boolean }
  | { readonly do: "begin"; readonly offsets: readonly number[] }
  | { readonly do: "fail"; readonly which: number }
  | {
      readonly do: "take" | "take on" | "let go" | "abort" | "leave";
      readonly which: number;
    };

const partitions = 2;
const which = fc.nat(7);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      partition: fc.nat(partitions - 1),
      count: fc.integer({ min: 1, max: 4 }),
      isCorrupt: fc.nat(40).map((at) => at === 40),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("begin" as const),
      offsets: fc.array(fc.nat(12), { minLength: partitions, maxLength: partitions }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("take" as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("take on" as const), which }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("let go" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("abort" as const, "leave" as const), which }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fail" as const), which }) },
);

const pick = <Each>(list: readonly Each[], at: number): Each | undefined => list[at % list.length];

/** Where each partition ends for a reader: at its first corrupt batch. */
const endOf = (topic: FollowedTopic, partition: number): bigint =>
  topic.log(partition).stretches.find(({ isCorrupt }) => isCorrupt)?.base ?? topic.log(partition).end;

async function play(topic: FollowedTopic, each: Step): Promise<void> {
  const reader = each.do === "append" || each.do === "begin" ? undefined : pick(topic.readers, each.which);
  if (each.do === "append") {
    topic.append(each.partition, each.count);
    if (each.isCorrupt) topic.corrupt(each.partition);
  } else if (each.do === "begin") {
    const begins = each.offsets.map((offset, partition) => {
      const end = endOf(topic, partition);
      return BigInt(offset) < end ? BigInt(offset) : end;
    });
    await topic.reader(begins);
  } else if (each.do === "fail") {
    const reading = pick(topic.open, each.which);
    if (reading !== undefined) reading.isToFail = true;
  } else if (each.do === "take") reader?.take();
  else if (each.do === "take on") {
    for (let turns = 0; turns < 6; turns += 1) {
      reader?.take();
      reader?.letGo();
      await settle();
    }
  } else if (each.do === "let go") reader?.letGo();
  else if (each.do === "abort") reader?.abort();
  else await reader?.leave();
}

/** Each as a link: it comes back after a failure. */
function comeBack(readers: readonly Reader[]): void {
  for (const reader of readers) if (reader.failure !== undefined) reader.retry();
}

test("each gets every record from its place on, once and in order, whatever the others do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, runMax) => {
        const topic = new FollowedTopic(partitions, BOUNDS, runMax);
        for (const each of steps) {
          await play(topic, each);
          await settle();
          comeBack(topic.readers);
          topic.checkWindows();
        }
        for (const reading of topic.open) reading.isToFail = false;
        await topic.drain();
        // A reading that came late to what both have is given up for the other.
        for (let round = 0; round < 6; round += 1) {
          for (let partition = 0; partition < partitions; partition += 1) topic.append(partition, 1);
          await topic.drain();
        }
        const alive = topic.readers.filter(({ isOver }) => !isOver);
        for (const reader of topic.readers)
          for (let partition = 0; partition < partitions; partition += 1) {
            const end = endOf(topic, partition);
            const expected = reader.expected(partition, end);
            const seen = reader.seen.get(partition) ?? [];
            expect(seen).toEqual(alive.includes(reader) ? expected : expected.slice(0, seen.length));
          }
        expect(topic.open).toHaveLength(Math.min(1, alive.length));
      },
    ),
    { numRuns: 300 },
  );
});
