import type { ActDecision, Decision, FrameDecision } from "../kernel/decision.ts";

type DecisionOutcome = "permitted" | "denied" | "changed" | "act";

/** What is given must hold; an empty filter passes everything. */
export interface DecisionFilter {
  /** Company URN. */
  readonly partner?: string;
  /** Name, id or digest of a contract. */
  readonly contract?: string;
  readonly agreement?: string;
  /** Milliseconds since 1970, included. */
  readonly from?: number;
  /** Milliseconds since 1970, excluded. */
  readonly until?: number;
  readonly outcome?: DecisionOutcome;
  /** RFC 6901 with `*`: decisions that touched this field. */
  readonly pointer?: string;
  /** `contract`, `agreement`, a bundle, `bundle/module`, or a module named in a denial. */
  readonly rule?: string;
  /** A reason's or error's code. */
  readonly code?: string;
  readonly kind?: Decision["kind"];
  /** Name of an act, or its family: `agreement` finds `agreement.revoked`. */
  readonly act?: string;
}

const reasonsOf = (frame: FrameDecision) => frame.summary?.denials.flatMap(({ reasons }) => reasons) ?? [];
const within = (name: string, family: string, separator: string): boolean =>
  name === family || name.startsWith(family + separator);

const changed = (frame: FrameDecision): boolean =>
  Object.values(frame.summary?.fields ?? {}).some((actions) =>
    Object.entries(actions).some(([action, times]) => action !== "share" && times > 0),
  );

/** Outcome → whether a frame, and an act, had it. */
const OUTCOMES: Readonly<
  Record<DecisionOutcome, { frame(frame: FrameDecision): boolean; act(act: ActDecision): boolean }>
> = {
  permitted: { frame: ({ count }) => count > 0, act: () => false },
  denied: { frame: ({ summary }) => (summary?.denied ?? 0) > 0, act: ({ act }) => act.endsWith(".refused") },
  changed: { frame: changed, act: () => false },
  act: { frame: () => false, act: () => true },
};

type Wanted = Required<DecisionFilter>;
type Test<Value> = (decision: Decision, wanted: Value) => boolean;

/** Member of a filter → when a decision passes it. */
const TESTS: { readonly [Name in keyof Wanted]: Test<Wanted[Name]> } = {
  partner: (decision, wanted) => decision.partner === wanted,
  contract: (decision, wanted) =>
    decision.kind === "act"
      ? decision.contract === wanted || decision.digest === wanted
      : [decision.contract.name, decision.contract.id, decision.contract.digest].includes(wanted),
  agreement: (decision, wanted) => decision.agreement === wanted,
  from: (decision, wanted) => Date.parse(decision.time) >= wanted,
  until: (decision, wanted) => Date.parse(decision.time) < wanted,
  outcome: (decision, wanted) =>
    decision.kind === "act" ? OUTCOMES[wanted].act(decision) : OUTCOMES[wanted].frame(decision),
  pointer: (decision, wanted) =>
    decision.kind === "frame" &&
    (Object.hasOwn(decision.summary?.fields ?? {}, wanted) ||
      reasonsOf(decision).some(({ pointer }) => pointer === wanted)),
  rule: (decision, wanted) =>
    decision.kind === "frame" &&
    (Object.keys(decision.summary?.rules ?? {}).some((rule) => within(rule, wanted, "/")) ||
      reasonsOf(decision).some(({ module }) => module !== undefined && within(module, wanted, "/"))),
  code: (decision, wanted) =>
    decision.kind === "act"
      ? decision.code === wanted
      : reasonsOf(decision).some(({ code }) => code === wanted),
  kind: (decision, wanted) => decision.kind === wanted,
  act: (decision, wanted) => decision.kind === "act" && within(decision.act, wanted, "."),
};

/** Whether one decision passes; a member of the filter that is undefined asks nothing. */
function matches(decision: Decision, filter: DecisionFilter): boolean {
  const given: Partial<Wanted> = filter;
  const passes = <Name extends keyof Wanted>(name: Name): boolean => {
    const wanted: Wanted[Name] | undefined = given[name];
    return wanted === undefined || TESTS[name](decision, wanted);
  };
  return (Object.keys(TESTS) as (keyof Wanted)[]).every(passes);
}

/** The decisions that pass, in their order. */
export async function* queryDecisions(
  entries: AsyncIterable<Decision>,
  filter: DecisionFilter,
): AsyncIterable<Decision> {
  for await (const decision of entries) {
    if (matches(decision, filter)) yield decision;
  }
}
