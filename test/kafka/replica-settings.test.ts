import { describe, expect, it } from "vitest";
import { settingsOf, settingsToSet } from "../../src/kafka/replica-settings.ts";

const DAY_MS = 24 * 3_600_000;
const days = (count: number): string => String(count * DAY_MS);

describe("the settings that a replica topic is made with", () => {
  it.each([
    ["a tenth of the retention", days(30), days(3)],
    ["a week at most, Kafka's own default", days(365), days(7)],
    ["ten minutes at least", "60000", "600000"],
  ])("have segments of %s", (_, retention, segment) => {
    expect(settingsOf({ "retention.ms": retention })).toEqual({
      "retention.ms": retention,
      "segment.ms": segment,
    });
  });

  it.each([
    ["no retention is promised", { "cleanup.policy": "delete" }],
    ["nothing expires", { "retention.ms": "-1" }],
    ["the link says it", { "retention.ms": days(30), "segment.ms": "1000" }],
  ])("are the link's alone where %s", (_, wanted) => {
    expect(settingsOf(wanted)).toEqual(wanted);
  });
});

const WANTED = { "retention.ms": days(30), "cleanup.policy": "delete", "compression.type": "zstd" };
const IN_STEP = { "retention.ms": days(30), "cleanup.policy": "delete", "segment.ms": days(3) };

describe("the settings of a replica topic that is there", () => {
  it.each([
    ["are in step", {}, {}],
    ["keep for longer", { "retention.ms": days(31) }, { "retention.ms": days(30) }],
    ["keep for less", { "retention.ms": days(1) }, { "retention.ms": days(30) }],
    ["hold records in long segments", { "segment.ms": days(7) }, { "segment.ms": days(3) }],
    ["have shorter segments: the owner's", { "segment.ms": days(1) }, {}],
    ["compact and delete: the owner's", { "cleanup.policy": "compact,delete" }, {}],
    ["delete and compact: the same", { "cleanup.policy": "delete, compact" }, {}],
    ["compact alone", { "cleanup.policy": "compact" }, { "cleanup.policy": "compact,delete" }],
    ["do not delete at all", { "cleanup.policy": "" }, { "cleanup.policy": "delete" }],
    ["have another codec: the owner's", { "compression.type": "lz4" }, {}],
  ])("%s", (_, differing, expected) => {
    const current = new Map(Object.entries({ ...IN_STEP, ...differing }));
    expect(settingsToSet(WANTED, current)).toEqual(expected);
  });

  it("are all set where the broker does not say what they are", () => {
    expect(settingsToSet(WANTED, new Map())).toEqual(IN_STEP);
  });
});
