import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FrameSummary } from "../../src/audit/frame-summary.ts";
import { Reconciling, type Room, reconcile } from "../../src/audit/reconcile.ts";
import type { Reconciliation } from "../../src/audit/reconciliation.ts";
import { genesis } from "../../src/kernel/chain.ts";
import { digestOf } from "../../src/kernel/digest.ts";
import { after, deed, honestLogs, type RandomLogs } from "./random-logs.ts";
import { AGREEMENT, twoLogs } from "./two-logs.ts";
import { reconcile as reconcileWhole } from "./whole/reconcile.ts";

/** So little that most of a log is let go before its end. */
const SMALL: Room = { recent: 40, ahead: 20, newest: { ofEach: 10, ofAll: 10_000 }, segmentsMax: 1_000 };
/** Less than one interruption may need. */
const TINY: Room = { recent: 4, ahead: 2, newest: { ofEach: 1, ofAll: 1 }, segmentsMax: 1_000 };

const merged = ({ publisher, subscriber, beginnings }: RandomLogs, room?: Room): Reconciliation =>
  reconcile(AGREEMENT, publisher, subscriber, beginnings, room);
const whole = ({ publisher, subscriber, beginnings }: RandomLogs): Reconciliation =>
  reconcileWhole(AGREEMENT, publisher, subscriber, beginnings);
/** Discrepancies at one sequence have no order. */
const told = ({ agreed, partitions }: Reconciliation) => ({
  agreed,
  partitions: partitions.map(({ discrepancies, ...rest }) => ({
    ...rest,
    discrepancies: discrepancies.map(({ name, frame }) => `${frame} ${name}`).sort(),
  })),
});
const frames = (reconciliation: Reconciliation) =>
  reconciliation.partitions.map(({ partition, chain, discrepancies, head }) => ({
    partition,
    chain,
    head,
    discrepancies: discrepancies.map(({ name, frame }) => `${frame} ${name}`).sort(),
  }));
const long = honestLogs({ minLength: 40, maxLength: 120 });
const runs = (numRuns: number) => ({ numRuns, endOnFailure: true });

describe("logs of which all is let go that both have passed", () => {
  test("are said to be what whole logs are, with all sums, when a link was interrupted in any way", () => {
    fc.assert(
      fc.property(long, (logs) => {
        expect(told(merged(logs, SMALL))).toEqual(told(whole(logs)));
      }),
      runs(40),
    );
  });

  // Where a break and an interruption meet at the edge of what is held, a fork may be named besides: so these are always the same.
  test("show the same discrepancies when entries were taken, changed, doubled or moved", () => {
    fc.assert(
      fc.property(long, fc.array(deed, { minLength: 1, maxLength: 2 }), (logs, deeds) => {
        const tampered = deeds.reduce<RandomLogs>(after, logs);
        expect(frames(merged(tampered, SMALL))).toEqual(frames(whole(tampered)));
      }),
      { ...runs(80), seed: 1 },
    );
  });

  test("agree whenever whole logs do, and never else", () => {
    fc.assert(
      fc.property(long, fc.array(deed, { maxLength: 2 }), (logs, deeds) => {
        const tampered = deeds.reduce<RandomLogs>(after, logs);
        expect(merged(tampered, SMALL).agreed).toBe(whole(tampered).agreed);
      }),
      runs(80),
    );
  });

  test("never agree where whole logs do not, however little may be held", () => {
    fc.assert(
      fc.property(long, fc.array(deed, { minLength: 1, maxLength: 2 }), (logs, deeds) => {
        const tampered = deeds.reduce<RandomLogs>(after, logs);
        if (merged(tampered, TINY).agreed) expect(told(whole(tampered)).agreed).toBe(true);
      }),
      runs(80),
    );
  });
});

const COUNT = 3_000;
const STEP_MS = 1_000;
/** One attempt that all arrived of, a frame each second. */
const timed = (log: readonly FrameSummary[]) =>
  log.map((frame, at) => ({ ...frame, time: new Date(Date.UTC(2026, 0, 1) + at * STEP_MS).toISOString() }));
const cuts = Array.from({ length: COUNT }, (_, at) => 2 + (at % 3));
const arrived = twoLogs([{ cuts, written: COUNT, committed: COUNT }]);
const LONG: Record<"publisher" | "subscriber", readonly FrameSummary[]> = {
  publisher: timed(arrived.publisher),
  subscriber: timed(arrived.subscriber),
};

/** Reads both, and notes the most that was held. */
function most(logs: Record<"publisher" | "subscriber", Iterable<FrameSummary>>, room: Room) {
  const reconciling = new Reconciling(AGREEMENT, room);
  const readings = {
    publisher: logs.publisher[Symbol.iterator](),
    subscriber: logs.subscriber[Symbol.iterator](),
  };
  let held = 0;
  for (let side = reconciling.next(); side !== undefined; side = reconciling.next()) {
    const { value, done } = readings[side].next();
    if (done === true) reconciling.end(side);
    else reconciling.take(side, value);
    held = Math.max(held, reconciling.held);
  }
  return { held, result: reconciling.conclude() };
}
/** What a room may hold at the most: frames before the next look at what is settled, and as many digests of forgotten ones. */
const BOUND = 8 * SMALL.recent;

describe("of logs that are long", () => {
  const { publisher, subscriber } = LONG;
  const others = subscriber.map((frame) => ({ ...frame, frame: digestOf(["another", frame.frame]) }));
  test.each([
    ["that agree", publisher, subscriber, true],
    ["of which nothing fits", publisher, others, false],
    ["of which one is empty", publisher, [], true],
    ["of which the publisher's is empty", [], subscriber, false],
    ["of which the subscriber's was cut at its end", publisher, subscriber.slice(0, 500), true],
    ["of which the publisher's begins late", publisher.slice(1_000), subscriber, false],
    ["of which the subscriber's begins late", publisher, subscriber.slice(1_000), false],
    ["with a hole in the middle of one", publisher, subscriber.toSpliced(1_000, 800), false],
  ] as const)("%s, no more is held than the room allows", (_, sent, taken, agreed) => {
    const { held, result } = most({ publisher: sent, subscriber: taken }, SMALL);
    expect(held).toBeLessThanOrEqual(BOUND);
    expect(result.agreed).toBe(agreed);
  });

  test("all that is under way behind the subscriber's newest frame is counted", () => {
    const { result } = most({ publisher, subscriber: subscriber.slice(0, 500) }, SMALL);
    expect(result.partitions[0]).toMatchObject({
      publisher: { frames: 500, inFlight: COUNT - 500, superseded: 0 },
      discrepancies: [],
    });
  });

  test("one frame that the publisher does not know is named alone, and what follows is found again", () => {
    const { result } = most({ publisher: publisher.toSpliced(1_000, 1), subscriber }, SMALL);
    expect(result.partitions[0]?.discrepancies.map(({ name }) => name)).toEqual(["missing-at-publisher"]);
  });

  test("a chain that goes on where it was long before is told apart from a broken one", () => {
    const back = { ...(subscriber[9] as FrameSummary), frame: digestOf("back") };
    const { result } = most({ publisher: [...publisher, back], subscriber: [...subscriber, back] }, SMALL);
    expect(result.partitions[0]?.discrepancies.map(({ name }) => name)).toContain("too-far-back");
  });

  test.each(["publisher", "subscriber"] as const)(
    "a second decision on a frame of long before, in the %s's log, does not pass for nothing",
    (side) => {
      const again = { ...(LONG[side][9] as FrameSummary), count: 7 };
      const { result } = most({ ...LONG, [side]: [...LONG[side], again] }, SMALL);
      expect(result.agreed).toBe(false);
      expect(result.partitions[0]?.discrepancies.map(({ name }) => name)).toContain("too-far-back");
    },
  );

  test("a hundred discrepancies are listed and the others counted", () => {
    const { result } = most({ publisher: [], subscriber }, SMALL);
    const [{ discrepancies = [], unlisted = 0 } = {}] = result.partitions;
    expect([discrepancies.length, discrepancies.length + unlisted]).toEqual([100, COUNT]);
  });
});

describe("a comparison that would need too much", () => {
  const manyPartitions = Array.from({ length: 40 }, (_, partition) => ({
    ...(LONG.subscriber[0] as FrameSummary),
    partition,
    frame: digestOf(partition),
    previous: genesis(AGREEMENT, partition),
  }));
  const manyVersions = Array.from({ length: 2_000 }, (_, count) => ({
    ...(LONG.subscriber[0] as FrameSummary),
    count,
  }));
  test.each([
    // All of them would be under way, which is nothing against it.
    ["partitions", { ...SMALL, segmentsMax: 20 }, manyPartitions, []],
    ["versions of one frame", SMALL, manyVersions, manyVersions],
  ])("for its many %s stops, says so and does not agree", (_, room, publisher, subscriber) => {
    const { held, result } = most({ publisher, subscriber }, room);
    expect(result).toMatchObject({ agreed: false, stopped: expect.stringContaining("The logs") });
    expect(held).toBeLessThanOrEqual(2 * BOUND);
  });
});
