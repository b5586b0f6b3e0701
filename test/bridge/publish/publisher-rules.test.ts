import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { inForce } from "../../../src/bridge/publish/publication.ts";
import { AGREEMENT, HELIX, NOW } from "../../mesh/two-companies.ts";
import { type Cursors, Served, whenEnded } from "../served.ts";
import { demand, denied, type Gateways, pass, SOURCE, twoGateways, until } from "../two-gateways.ts";

const DAY = 86_400_000;

let world: Gateways;
let stop: AbortController;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  stop = new AbortController();
  world = await twoGateways(2);
});
afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

const serve = (cursors: Cursors = new Map(), onFrame?: () => void): Served =>
  new Served(world, cursors, stop.signal, onFrame);
const put = (partition: number, ageMs: number, ...names: readonly string[]): void => {
  const timestamp = BigInt(world.clock.now() - ageMs);
  world.source.append(
    SOURCE,
    partition,
    names.map((name) => ({ ...demand(name), timestamp })),
  );
};
/** A bundle comes into force, or into shadow mode. */
const accept = async (modules: string, mode = "enforced"): Promise<void> => {
  const text = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: tried, version: 1.0.0}
spec: {direction: outbound, mode: ${mode}, modules: [${modules}]}
`;
  await world.aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": text } });
};
const signals = (name: string) => world.aurora.signals.filter((signal) => signal.name === name);

describe("a plan that wants records of a certain age", () => {
  const A_DAY = "{use: antitrust, with: {minimumAgeDays: 1}}";

  test("delays them, says meanwhile that the stream is alive, and goes on with other partitions", async () => {
    await accept(A_DAY);
    put(0, DAY - 5_000, "young");
    put(1, 2 * DAY, "old");
    const served = serve();
    await until(world, () => served.names.length === 1);
    expect(served.names).toEqual(["old"]);
    const before = served.frames.length;
    await pass(world, 4_000);
    expect(served.names).toEqual(["old"]);
    expect(served.frames.slice(before).map(({ header }) => header.kind)).toContain("idle");
    await until(world, () => served.names.length === 2);
    expect(world.clock.now() - NOW).toBeGreaterThanOrEqual(5_000);
    const decided = (await world.aurora.frames()).map(({ summary }) => summary?.denied ?? 0);
    expect(decided.every((count) => count === 0)).toBe(true);
  });

  test("cuts a stream that waits as fast as any other", async () => {
    await accept(A_DAY);
    put(0, 0, "young");
    const served = serve();
    await until(world, () => served.headers.length === 2);
    await world.aurora.agreements.act(AGREEMENT, "revoke", "");
    const since = world.clock.now();
    expect(await whenEnded(world, served)).toMatchObject({ code: "AGREEMENT_NOT_IN_FORCE" });
    expect(world.clock.now() - since).toBeLessThanOrEqual(1_000);
    expect(served.names).toEqual([]);
  });

  test("holds from the moment on that it is accepted, under a stream that runs", async () => {
    const served = serve();
    put(0, 0, "before");
    await until(world, () => served.names.length === 1);
    await accept(A_DAY);
    put(0, 0, "after");
    await pass(world, 3_000);
    expect(served.names).toEqual(["before"]);
  });
});

describe("a plan", () => {
  test("that changed leaves what the earlier plan denied to a frame of its own, which names that one", async () => {
    world = await twoGateways(1);
    const served = serve();
    await until(world, () => served.headers.length === 1);
    world.source.append(SOURCE, 0, [denied("x")]);
    await pass(world, 200);
    await accept("{use: limits}");
    world.source.append(SOURCE, 0, [demand("a")]);
    await until(world, () => served.names.length === 1);
    const told = (await world.aurora.frames()).slice(1);
    expect(told.map(({ summary }) => [summary?.permitted, summary?.denied])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(told[0]?.plan).not.toBe(told[1]?.plan);
    expect(told[0]?.plan).toBe(served.headers[0]?.plan);
  });
});

describe("a plan's quota", () => {
  test("slows the link down, and coming back is no way round it", async () => {
    await accept("{use: quotas, with: {recordsPerSecond: 1}}");
    put(0, 0, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    const first = serve();
    await until(world, () => first.names.length === 10);
    stop.abort();
    await whenEnded(world, first);
    stop = new AbortController();
    put(0, 0, "k");
    const second = serve(first.cursors);
    await pass(world, 8_000);
    expect(second.names).toEqual([]);
    expect(second.last?.kind).toBe("idle");
    await until(world, () => second.names.length === 1);
    expect(world.clock.now() - NOW).toBeGreaterThanOrEqual(10_000);
  });

  test("is paid for by a reader who hangs up within a frame, too", async () => {
    await accept("{use: quotas, with: {recordsPerSecond: 1}}");
    put(0, 0, ...Array.from({ length: 10 }, (_, at) => `${at}`));
    let left = 2;
    const first = serve(new Map(), () => {
      left -= 1;
      if (left < 0) throw new Error("The reader has gone.");
    });
    await whenEnded(world, first);
    const second = serve(first.cursors);
    await pass(world, 8_000);
    expect([first.names, second.names]).toEqual([[], []]);
    await until(world, () => second.names.length === 10);
  });

  test("lets nothing that waits for it leave once policy has changed: it is decided anew, in its order", async () => {
    world = await twoGateways(1, {}, 1);
    await accept("{use: quotas, with: {recordsPerSecond: 1}}");
    for (const run of ["a", "b", "c", "d", "e", "f"]) put(0, 0, ...[1, 2, 3].map((each) => `${run}${each}`));
    const first = serve();
    await until(world, () => first.names.length === 3);
    await accept("{use: limits}");
    expect(await whenEnded(world, first)).toMatchObject({ code: "STREAM_CHANGED" });
    expect(first.names).toEqual(["a1", "a2", "a3"]);
    expect(first.last).toMatchObject({ kind: "end", code: "STREAM_CHANGED" });
    const again = serve(first.cursors);
    await until(world, () => again.names.length === 15);
    expect(again.names.filter((_, at) => at % 3 === 0)).toEqual(["b1", "c1", "d1", "e1", "f1"]);
    const { route } = inForce(() => world.publications.current(AGREEMENT));
    expect(new Set(again.headers.map(({ plan }) => plan))).toEqual(new Set([route.plan.digest]));
  });

  test("does not keep a stream open whose agreement's time is over", async () => {
    world = await twoGateways(1, { endTimestamp: "2026-12-15T12:00:05Z" });
    await accept("{use: quotas, with: {recordsPerSecond: 1}}");
    put(0, 0, ...Array.from({ length: 60 }, (_, at) => `${at}`));
    const served = serve();
    expect(await whenEnded(world, served)).toMatchObject({ code: "AGREEMENT_NOT_IN_FORCE" });
    expect(served.last).toMatchObject({ kind: "end", status: "expired" });
    expect(world.clock.now() - NOW).toBeLessThan(7_000);
  });

  test("tells the audit and the operator when too much leaves within an hour, once, and stops nothing", async () => {
    await accept("{use: quotas, with: {alarmRecordsPerHour: 3}}");
    const served = serve();
    put(0, 0, "a", "b", "c");
    await until(world, () => served.names.length === 3);
    const alarms = async () => (await world.aurora.acts()).filter(({ act }) => act === "quota.alarm");
    expect(await alarms()).toEqual([]);
    put(0, 0, "d");
    await until(world, () => served.names.length === 4);
    put(0, 0, "e", "f");
    await until(world, () => served.names.length === 6);
    expect(await alarms()).toEqual([
      {
        kind: "act",
        act: "quota.alarm",
        time: expect.any(String),
        actor: "gateway",
        partner: HELIX,
        agreement: AGREEMENT,
        contract: "material-demand@2.1.0",
        note: "More than 3 records left within an hour.",
      },
    ]);
    expect(signals("quota.alarm")).toMatchObject([{ agreement: AGREEMENT, partner: HELIX }]);
  });

  test("is told before the records leave: when it can't be written, they stay", async () => {
    await accept("{use: quotas, with: {alarmRecordsPerHour: 1}}");
    const served = serve();
    await until(world, () => served.headers.length === 2);
    world.aurora.journal.isAway = true;
    put(0, 0, "a", "b");
    expect(await whenEnded(world, served)).toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    expect(served.names).toEqual([]);
  });
});

describe("a bundle in shadow mode", () => {
  const DENIES = '{use: validity, with: {notBefore: "2027-06-01T00:00:00Z"}}';
  const DROPS = "{use: categories, with: {identifier: drop}}";
  const bodies = (served: Served) => served.frames.map(({ body }) => body.toString("hex")).filter(Boolean);
  const shadows = async () =>
    (await world.aurora.frames()).flatMap(({ summary }) => (summary?.shadow ? [summary.shadow] : []));

  async function serveWith(modules: string | undefined): Promise<Served> {
    world = await twoGateways(1);
    if (modules !== undefined) await accept(modules, "shadow");
    world.source.append(SOURCE, 0, [demand("a"), denied("x"), demand("b")]);
    const served = serve();
    await until(world, () => served.names.length === 2);
    return served;
  }

  test.each([DENIES, DROPS])("changes no byte of what leaves: %s", async (modules) => {
    const shadowed = await serveWith(modules);
    const { plan, contract } = shadowed.headers[1] ?? {};
    const plain = await serveWith(undefined);
    expect(bodies(shadowed)).toHaveLength(1);
    expect([plan, contract]).toEqual([plain.headers[1]?.plan, plain.headers[1]?.contract]);
    expect(shadowed.headers.map(({ count, sequence }) => [count, sequence])).toEqual(
      plain.headers.map(({ count, sequence }) => [count, sequence]),
    );
    expect(shadowed.names).toEqual(plain.names);
  });

  test("says in the decision how many records it would deny besides", async () => {
    await serveWith(DENIES);
    expect(await shadows()).toEqual([{ plan: expect.any(String), compared: 3, denied: 2, fields: {} }]);
    expect(world.metrics.count("link.records.shadow.denied", AGREEMENT)).toBe(2);
    expect(world.metrics.count("link.records.shadow.compared", AGREEMENT)).toBe(3);
    expect(signals("policy.shadow.differs")).toMatchObject([
      { detail: "Bundles in shadow mode would deny 2 of 3 records besides, and change 0 fields." },
    ]);
  });

  test("says which fields it would change", async () => {
    await serveWith(DROPS);
    const [shadow] = await shadows();
    expect(shadow).toMatchObject({ denied: 0, fields: { "/materialNumberCustomer": { drop: 2 } } });
    expect(signals("policy.shadow.differs")).toHaveLength(1);
  });

  test("that would change nothing is not told", async () => {
    await serveWith("{use: purpose, with: {allow: {volume: [cx.dcm.base]}}}");
    expect(await shadows()).toEqual([]);
    expect(signals("policy.shadow.differs")).toEqual([]);
  });

  test("lets the stream go on when deciding by it throws", async () => {
    world = await twoGateways(1);
    await accept(DROPS, "shadow");
    const current = world.publications.current(AGREEMENT);
    if ("withheld" in current || current.shadow === undefined) throw new Error("There is a shadow.");
    const tried = current.shadow.plan.digest;
    const { admit } = world.ports;
    const broken: typeof admit = (batch, route, ...rest) => {
      if (route.plan.digest === tried) throw new TypeError("A defect.");
      return admit(batch, route, ...rest);
    };
    world = { ...world, ports: { ...world.ports, admit: broken } };
    put(0, 0, "a");
    const served = serve();
    await until(world, () => served.names.length === 1);
    expect(await shadows()).toMatchObject([{ compared: 1, denied: 1 }]);
  });

  test("keeps what it knows when the registry changes around it", async () => {
    await accept(DROPS, "shadow");
    const shadowNow = () => {
      const current = world.publications.current(AGREEMENT);
      return "withheld" in current ? undefined : current.shadow;
    };
    const before = shadowNow();
    expect(before).toBeDefined();
    await world.aurora.accept({
      kind: "PolicyBundle",
      main: "c.yaml",
      files: {
        "c.yaml":
          "apiVersion: tiermesh/v1\nkind: PolicyBundle\nmetadata: {name: inbound, version: 1.0.0}\nspec: {direction: inbound, modules: []}\n",
      },
    });
    expect(shadowNow()).toBe(before);
  });
});
