import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FieldAction, STRICTNESS } from "../../src/kernel/action.ts";
import { shortestMasked } from "../../src/policy/actions.ts";
import { type Demand, meetActions } from "../../src/policy/meet.ts";
import { anyAction } from "./arbitrary.ts";

const meet = (...actions: readonly FieldAction[]): FieldAction =>
  meetActions(actions.map((action, index) => ({ action, by: `bundle/${index}` }))).action;

const DROP: FieldAction = { action: "drop" };
const round = (multiple: number, mode: "half-even" | "floor" = "half-even"): FieldAction => ({
  action: "round",
  multiple,
  mode,
});
const band = (...edges: number[]): FieldAction => ({ action: "band", edges });
const date = (to: "month" | "day" | "hour" | "iso-week" | "year"): FieldAction => ({
  action: "truncate-date",
  to,
});
const mask = (keepFirst: number, keepLast: number, filler = "*"): FieldAction => ({
  action: "mask",
  keepFirst,
  keepLast,
  with: filler,
});
const pseudonymize = (domain?: string, length?: number): FieldAction => ({
  action: "pseudonymize",
  ...(domain === undefined ? {} : { domain }),
  ...(length === undefined ? {} : { length }),
});

const TABLE: readonly (readonly [demands: readonly FieldAction[], outcome: FieldAction])[] = [
  [[], DROP],
  [[round(100), round(1000)], round(1000)],
  [[round(4), round(6)], round(12)],
  [[round(0.1), round(0.25)], round(0.5)],
  [[round(100), round(100, "floor")], DROP],
  [[round(999_999_999_999_989), round(999_999_999_999_967)], DROP],
  [[{ action: "share" }, round(100)], round(100)],
  [[round(100), band(0, 100)], DROP],
  [[band(0, 10, 100), band(100, 0)], band(0, 100)],
  [[band(0, 10), band(0, 20)], DROP],
  // Two of them contradict each other, so that a third must not mend it.
  [[band(0, 10), band(0, 20), band(0)], DROP],
  [[date("day"), date("month")], date("month")],
  [[date("day"), date("iso-week")], date("iso-week")],
  [[date("month"), date("iso-week")], DROP],
  [
    [
      { action: "coarsen-geo", decimals: 3 },
      { action: "coarsen-geo", decimals: 1 },
    ],
    { action: "coarsen-geo", decimals: 1 },
  ],
  [
    [
      { action: "prefix", length: 4 },
      { action: "prefix", length: 2 },
    ],
    // Of a text that is too short for the one, nothing is shown by both.
    { action: "prefix", length: 2, shortest: 4 },
  ],
  [[mask(2, 0), mask(0, 4)], { action: "mask", keepFirst: 0, keepLast: 0, with: "*", shortest: 8 }],
  [[mask(2, 0), mask(2, 0, "x")], DROP],
  // A domain joins, and who names none is joined with nothing.
  [[pseudonymize(), pseudonymize("d")], pseudonymize(undefined, 22)],
  [[pseudonymize(), pseudonymize("d"), pseudonymize("e")], DROP],
  [[pseudonymize("a"), pseudonymize("b")], DROP],
  [[pseudonymize("a", 10), pseudonymize("a")], pseudonymize("a", 10)],
  // The default is 22 characters: a longer one would say more.
  [[pseudonymize("a", 30), pseudonymize("a")], pseudonymize("a", 22)],
  [
    [
      { action: "constant", value: 1 },
      { action: "constant", value: 1 },
    ],
    { action: "constant", value: 1 },
  ],
  [
    [
      { action: "constant", value: 1 },
      { action: "constant", value: 2 },
    ],
    DROP,
  ],
  [[{ action: "null" }, pseudonymize("a")], { action: "null" }],
  // A contradiction below the strictest rank: without `null` it is a drop, so with it, too.
  [[pseudonymize("a"), pseudonymize("b"), { action: "null" }], DROP],
  [[{ action: "null" }, DROP], DROP],
];

describe("the meet of actions", () => {
  it.each(TABLE.map(([demands, outcome]) => ({ demands: JSON.stringify(demands), among: demands, outcome })))(
    "of $demands is $outcome",
    ({ among, outcome }) => {
      expect(meet(...among)).toEqual(outcome);
    },
  );

  it("names the rule that is enough, ours before the bundles', and all that a composition is made of", () => {
    const byOf = (...demands: readonly Demand[]) => meetActions(demands).by;
    expect(
      byOf({ action: DROP, by: "b/x" }, { action: DROP, by: "contract" }, { action: DROP, by: "clearance" }),
    ).toBe("contract");
    expect(
      byOf({ action: round(2), by: "contract" }, { action: DROP, by: "b/y" }, { action: DROP, by: "b/x" }),
    ).toBe("b/x, b/y");
    expect(byOf({ action: round(4), by: "contract" }, { action: round(6), by: "agreement" })).toBe(
      "agreement, contract",
    );
    expect(byOf({ action: round(4), by: "contract" }, { action: band(0), by: "b/x" })).toBe("b/x, contract");
  });
});

const anyDemands = fc.array(
  fc.record({ action: anyAction, by: fc.constantFrom("contract", "agreement", "b/x", "b/y") }),
  {
    minLength: 1,
    maxLength: 5,
  },
);

const rankOf = ({ action }: FieldAction): number => STRICTNESS.findIndex((names) => names.includes(action));

interface Order<Action> {
  holds(one: Action, other: Action): boolean;
}

const FINER: Readonly<Record<string, readonly string[]>> = {
  year: ["quarter", "day", "hour"],
  quarter: ["day", "hour"],
  "iso-week": ["day", "hour"],
  day: ["hour"],
};

/** Actions of one name whose parameters can be compared: does the first let through no more than the second? */
const ORDERS: {
  readonly [Name in FieldAction["action"]]?: Order<Extract<FieldAction, { readonly action: Name }>>;
} = {
  round: {
    holds: (one, other) =>
      one.mode === other.mode && Number.isInteger((one.multiple * 100) / (other.multiple * 100)),
  },
  band: { holds: (one, other) => one.edges.every((edge) => other.edges.includes(edge)) },
  "truncate-date": {
    holds: (one, other) => one.to === other.to || FINER[one.to]?.includes(other.to) === true,
  },
  "coarsen-geo": { holds: (one, other) => one.decimals <= other.decimals },
  prefix: {
    holds: (one, other) =>
      one.length <= other.length && (one.shortest ?? one.length) >= (other.shortest ?? other.length),
  },
  mask: {
    holds: (one, other) =>
      one.with === other.with &&
      one.keepFirst <= other.keepFirst &&
      one.keepLast <= other.keepLast &&
      shortestMasked(one) >= shortestMasked(other),
  },
  pseudonymize: {
    holds: (one, other) =>
      (one.domain === undefined || one.domain === other.domain) && (one.length ?? 22) <= (other.length ?? 22),
  },
};

function isNoWeaker(one: FieldAction, other: FieldAction): boolean {
  if (rankOf(one) !== rankOf(other)) return rankOf(one) > rankOf(other);
  const order: Order<FieldAction> | undefined = ORDERS[one.action];
  if (order === undefined) return JSON.stringify(one) === JSON.stringify(other);
  return one.action === other.action && order.holds(one, other);
}

describe("the meet of any actions", () => {
  it("does not depend on their order", () => {
    fc.assert(
      fc.property(anyDemands, fc.infiniteStream(fc.nat()), (demands, order) => {
        const keyed = demands.map((demand) => ({ demand, key: order.next().value ?? 0 }));
        const shuffled = keyed.toSorted((one, other) => one.key - other.key).map(({ demand }) => demand);
        expect(meetActions(shuffled)).toEqual(meetActions(demands));
      }),
    );
  });

  it("does not depend on how often one is said", () => {
    fc.assert(
      fc.property(anyDemands, (demands) => {
        expect(meetActions([...demands, ...demands])).toEqual(meetActions(demands));
      }),
    );
  });

  it("is no weaker than each of them", () => {
    fc.assert(
      fc.property(anyDemands, (demands) => {
        const { action } = meetActions(demands);
        for (const demand of demands) expect(isNoWeaker(action, demand.action)).toBe(true);
      }),
    );
  });

  it("never gets weaker by one demand more", () => {
    fc.assert(
      fc.property(anyDemands, anyAction, (demands, added) => {
        const wide = meetActions(demands).action;
        const narrow = meetActions([...demands, { action: added, by: "b/z" }]).action;
        expect(isNoWeaker(narrow, wide)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("would fail this property if the strictest demand alone decided", () => {
    const wide = meet(pseudonymize("a"), pseudonymize("b"));
    expect(isNoWeaker({ action: "null" }, wide)).toBe(false);
  });
});
