import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FrameSummary } from "../../src/audit/frame-summary.ts";
import { reconcile } from "../../src/audit/reconcile.ts";
import { AGREEMENT, type Attempt, twoLogs } from "./two-logs.ts";

const whole = (cuts: readonly number[]): Attempt => ({ cuts, written: cuts.length, committed: cuts.length });
const five = twoLogs([whole([7, 6, 8, 9, 5])]);
const FLIPPED = `sha-256:${"0".repeat(64)}`;

const names = (publisher: readonly FrameSummary[], subscriber: readonly FrameSummary[]) => [
  ...new Set(
    reconcile(AGREEMENT, publisher, subscriber).partitions.flatMap(({ discrepancies }) =>
      discrepancies.map(({ name }) => name),
    ),
  ),
];
/** The log with one frame changed. */
const edited = (log: readonly FrameSummary[], index: number, change: Partial<FrameSummary>) =>
  log.map((frame, place) => (place === index ? { ...frame, ...change } : frame));
const without = (log: readonly FrameSummary[], index: number) => log.filter((_, place) => place !== index);
const swapped = (log: readonly FrameSummary[], index: number) => {
  const order = [...log];
  order.splice(index, 2, ...log.slice(index, index + 2).reverse());
  return order;
};

describe("two logs of one stream", () => {
  test("agree when every frame arrived", () => {
    const { agreed, partitions } = reconcile(AGREEMENT, five.publisher, five.subscriber);
    expect(agreed).toBe(true);
    expect(partitions).toMatchObject([
      {
        partition: 0,
        offsetsShown: true,
        publisher: { frames: 5, records: 28, erasures: 4, superseded: 0, inFlight: 0 },
        subscriber: { frames: 5, records: 28, erasures: 4, superseded: 0, inFlight: 0 },
      },
    ]);
  });

  test("of nothing agree", () => {
    expect(reconcile(AGREEMENT, [], [])).toEqual({ agreed: true, partitions: [] });
  });

  test("count what the subscriber has not got as in flight", () => {
    const { agreed, partitions } = reconcile(AGREEMENT, five.publisher, five.subscriber.slice(0, 3));
    expect(agreed).toBe(true);
    expect(partitions[0]).toMatchObject({ publisher: { frames: 3, inFlight: 2 }, subscriber: { frames: 3 } });
    const nothing = reconcile(AGREEMENT, five.publisher, []);
    expect(nothing.partitions[0]).toMatchObject({ head: undefined, publisher: { frames: 0, inFlight: 5 } });
  });

  test("count frames that were cut anew after a crash as superseded, on both sides", () => {
    const logs = twoLogs([
      { cuts: [7, 6, 8, 9], written: 3, committed: 1 },
      { cuts: [4, 4, 4], written: 3, committed: 2 },
      whole([3, 3]),
    ]);
    const { agreed, partitions } = reconcile(AGREEMENT, logs.publisher, logs.subscriber);
    expect(agreed).toBe(true);
    expect(partitions[0]).toMatchObject({
      publisher: { frames: logs.committed.frames, records: logs.committed.records, superseded: 4 },
      subscriber: { frames: logs.committed.frames, records: logs.committed.records, superseded: 3 },
    });
  });

  test("say when the publisher did not show its offsets", () => {
    const { agreed, partitions } = reconcile(AGREEMENT, five.subscriber, five.subscriber);
    expect([agreed, partitions[0]?.offsetsShown]).toEqual([true, false]);
  });

  test("keep partitions apart", () => {
    const other = twoLogs([whole([2, 2])], 7);
    const found = reconcile(
      AGREEMENT,
      [...five.publisher, ...other.publisher],
      [...other.subscriber.slice(1), ...five.subscriber],
    );
    expect(found.partitions.map(({ partition, discrepancies }) => [partition, discrepancies.length])).toEqual(
      [
        [0, 0],
        [7, 1],
      ],
    );
  });

  test("of another agreement do not begin at its genesis", () => {
    const found = reconcile("another", five.publisher, five.subscriber);
    expect(found.partitions[0]?.discrepancies.map(({ name }) => name)).toEqual(["chain-broken"]);
  });

  test("agree when a frame was cut anew around other denials and kept its digest", () => {
    const [first, second] = five.publisher;
    if (first === undefined || second === undefined) throw new Error("The history is too short.");
    const wider = { ...first, lastOffset: "8", read: 9, denied: Number(first.denied) + 2 };
    const log = [first, wider, { ...second, firstOffset: "9" }];
    expect(names(log, five.subscriber.slice(0, 2))).toEqual([]);
    expect(names([first, { ...second, firstOffset: "9" }], five.subscriber.slice(0, 2))).toEqual([
      "offset-gap",
    ]);
  });
});

test("a log from before deletions were counted agrees with one that counts them", () => {
  const old = five.subscriber.map(({ erasures: _, ...frame }) => frame);
  const { agreed, partitions } = reconcile(AGREEMENT, five.publisher, old);
  expect(agreed).toBe(true);
  expect(partitions[0]).toMatchObject({ publisher: { erasures: 4 }, subscriber: { erasures: 0 } });
});

describe("a changed log is named", () => {
  const { publisher: p, subscriber: s } = five;
  const last = s.length - 1;
  test.each([
    ["a record withheld from a frame, told to nobody", edited(p, 2, { count: 5 }), s, ["count-differs"]],
    [
      "a record withheld from a frame, told to both",
      edited(p, 2, { count: 5 }),
      edited(s, 2, { count: 5 }),
      ["count-differs", "sequence-gap"],
    ],
    [
      "a record passed over before a frame",
      edited(p, 2, { firstOffset: "14", read: 7 }),
      s,
      ["count-differs", "offset-gap"],
    ],
    ["a record decided twice", edited(p, 3, { firstOffset: "20" }), s, ["offset-overlap"]],
    ["the digest of a frame, at the publisher", edited(p, 2, { frame: FLIPPED }), s, ["frame-differs"]],
    ["the digest of a frame, at the subscriber", p, edited(s, 2, { frame: FLIPPED }), ["frame-differs"]],
    ["the digest of the newest frame", p, edited(s, last, { frame: FLIPPED }), ["frame-differs"]],
    ["the digest of a body", p, edited(s, 2, { body: FLIPPED }), ["body-differs"]],
    ["a deletion that was not stored", p, edited(s, 0, { erasures: 0 }), ["erasures-differ"]],
    ["the sequence of a frame", edited(p, 2, { sequence: 12 }), s, ["sequence-differs"]],
    [
      "the frame before, at the subscriber",
      p,
      edited(s, 2, { previous: FLIPPED }),
      ["previous-differs", "chain-broken"],
    ],
    [
      "the frame before, at the publisher",
      edited(p, 2, { previous: FLIPPED }),
      s,
      ["previous-differs", "chain-broken"],
    ],
    ["a decision missing at the publisher", without(p, 2), s, ["missing-at-publisher"]],
    ["a decision missing at the subscriber", p, without(s, 2), ["missing-at-subscriber"]],
    ["the first decision missing at the subscriber", p, without(s, 0), ["missing-at-subscriber"]],
    [
      "a decision missing on both sides",
      without(p, 2),
      without(s, 2),
      ["sequence-gap", "offset-gap", "chain-broken"],
    ],
    ["two decisions in the wrong order", p, swapped(s, 1), ["order-differs"]],
    ["the two newest in the wrong order", p, swapped(s, last - 1), ["order-differs"]],
    ["two decisions in the wrong order at the publisher", swapped(p, 1), s, ["order-differs"]],
    [
      "one frame with two decisions",
      [...p.slice(0, 2), { ...p[1], body: FLIPPED } as FrameSummary, ...p.slice(2)],
      s,
      ["frame-altered"],
    ],
  ])("%s", (_, publisher, subscriber, expected) => {
    expect(names(publisher, subscriber)).toEqual(expected);
  });

  test("records taken twice as two frames that follow each other", () => {
    const doubled = { ...(s[last] as FrameSummary), previous: s[last]?.frame ?? "", frame: FLIPPED };
    expect(names([...p, doubled], [...s, doubled])).toEqual(["sequence-overlap"]);
  });

  test("a frame with two successors that were both taken further", () => {
    const one = twoLogs([whole([4, 4, 4])]);
    const two = twoLogs([whole([4, 5, 5])]);
    const both = (side: "publisher" | "subscriber") => [
      ...one[side].slice(0, 2),
      ...two[side].slice(1, 2),
      ...one[side].slice(2),
      ...two[side].slice(2),
    ];
    expect(names(both("publisher"), both("subscriber"))).toEqual(["fork"]);
  });

  test("offsets that are none: taken as not shown, not as a crash", () => {
    expect(names(edited(p, 2, { firstOffset: "x" }), s)).toEqual([]);
  });

  test("a chain that leads to itself", () => {
    const [first, second] = [FLIPPED, FLIPPED.replaceAll("0", "1")];
    const loop = [
      { ...(s[0] as FrameSummary), frame: first, previous: second },
      { ...(s[1] as FrameSummary), frame: second, previous: first },
    ];
    expect(names(loop, loop)).toEqual(["order-differs"]);
  });
});

const attempt = fc
  .array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })
  .chain((cuts) =>
    fc
      .tuple(fc.nat(cuts.length), fc.nat(cuts.length))
      .map(([a, b]) => ({ cuts, written: Math.max(a, b), committed: Math.min(a, b) })),
  );
const history = fc.array(attempt, { maxLength: 6 });

describe("any history of crashes", () => {
  test("reconciles, and what follows the last crash is counted record by record", () => {
    fc.assert(
      fc.property(history, (attempts) => {
        const { publisher, subscriber, committed } = twoLogs([...attempts, whole([3])]);
        const { agreed, partitions } = reconcile(AGREEMENT, publisher, subscriber);
        expect(agreed).toBe(true);
        expect(partitions[0]).toMatchObject({ publisher: committed, subscriber: committed });
      }),
    );
  });

  test("does not reconcile any more when one frame of the chain is changed on one side", () => {
    const change = fc.constantFrom<Partial<FrameSummary>>(
      { frame: FLIPPED },
      { body: FLIPPED },
      { previous: FLIPPED },
      { count: 99 },
      { sequence: 9_999 },
    );
    fc.assert(
      fc.property(history, change, fc.nat(), (attempts, changes, pick) => {
        const { publisher, subscriber } = twoLogs([...attempts, whole([3, 4])]);
        const tail = publisher.at(-2 + (pick % 2));
        const altered = publisher.map((frame) =>
          frame.frame === tail?.frame ? { ...frame, ...changes } : frame,
        );
        expect(names(altered, subscriber)).not.toEqual([]);
        expect(names(publisher, edited(subscriber, subscriber.length - 1, changes))).not.toEqual([]);
      }),
    );
  });
});
