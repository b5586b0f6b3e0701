import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/kernel/json.ts";
import type { ModuleRules, PlanFacts } from "../../../src/policy/module.ts";
import { contract } from "../sample.ts";
import { factsOf, KESTREL, rulesOf } from "./facts.ts";

const plain = contract({});
const withHeaders = contract(
  {},
  {
    headers: ["traceparent", "X-Plant", "x-plant"],
    event: {
      ...plain.event,
      id: { from: "header", name: "X-Build" },
      time: { from: "header", name: "when" },
    },
  },
);
const RECEIVED: Partial<PlanFacts> = {
  received: { from: KESTREL, contract: "parts", onwardSharing: "allowed" },
};

type Case = readonly [state: string, settings: Json, rules: ModuleRules, facts?: Partial<PlanFacts>];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  quotas: [
    ["bounds nothing without settings", {}, { quota: {} }],
    [
      "bounds rates, and how far back is replayed",
      { recordsPerSecond: 5, bytesPerSecond: 6, alarmRecordsPerHour: 7, replayDays: 3 },
      {
        quota: { recordsPerSecond: 5, bytesPerSecond: 6, alarmRecordsPerHour: 7 },
        age: { mostMs: 259_200_000 },
      },
    ],
  ],
  "onward-sharing": [
    ["says nothing of streams of our own", {}, {}],
    ["denies what we received", {}, { denials: [{ code: "ONWARD_SHARING" }] }, RECEIVED],
    [
      "lets it go to the next, and no further",
      { received: "label" },
      { onwardSharing: "forbidden" },
      RECEIVED,
    ],
    ["forbids to pass on what we publish", { published: "forbidden" }, { onwardSharing: "forbidden" }],
    ["leaves that to the contract", { published: "as-contract" }, {}],
    [
      "does both at once",
      { received: "deny", published: "forbidden" },
      { denials: [{ code: "ONWARD_SHARING" }], onwardSharing: "forbidden" },
      RECEIVED,
    ],
  ],
  tombstones: [["stops them", { action: "deny" }, { tombstones: "deny" }]],
  "headers-and-key": [
    ["demands nothing without settings", {}, { withoutHeaders: [] }, { contract: withHeaders }],
    [
      "removes headers however they are written, also where attributes are made of them",
      { without: ["X-PLANT", "x-build", "other"] },
      { withoutHeaders: ["X-Plant", "x-plant", "X-Build"] },
      { contract: withHeaders },
    ],
    [
      "rules the key and the timestamp",
      { key: "drop", timestamp: "day" },
      { withoutHeaders: [], key: "drop", timestamp: "day" },
    ],
  ],
};

describe.each(Object.entries(CASES))("%s", (name, cases) => {
  it.each(cases.map(([state, settings, rules, facts = {}]) => ({ state, settings, rules, facts })))(
    "$state",
    ({ settings, rules, facts }) => {
      expect(rulesOf(name, settings, factsOf(plain, facts))).toEqual(rules);
    },
  );
});
