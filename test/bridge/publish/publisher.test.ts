import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openCursor } from "../../../src/bridge/frames/cursor.ts";
import { publish } from "../../../src/bridge/publish/publisher.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { genesis } from "../../../src/kernel/chain.ts";
import type { AgreementFields } from "../../../src/tenants/agreement-file.ts";
import { AGREEMENT, HELIX } from "../../mesh/two-companies.ts";
import { type Cursors, Served, whenEnded } from "../served.ts";
import { demand, denied, type Gateways, pass, SOURCE, twoGateways, until } from "../two-gateways.ts";

let world: Gateways;
let stop: AbortController;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

const serve = (cursors: Cursors, onFrame?: () => void): Served =>
  new Served(world, cursors, stop.signal, onFrame);

async function open(partitions = 1, changes: Partial<AgreementFields> = {}): Promise<void> {
  world = await twoGateways(partitions, changes);
}
const put = (...records: Parameters<Gateways["source"]["append"]>[2]): void =>
  world.source.append(SOURCE, 0, records);
const code = (name: string) => expect.objectContaining({ code: name });

describe("frames of a partition", () => {
  test("continue each other by sequence and digest, from the chain's genesis", async () => {
    await open();
    const served = serve(new Map());
    for (let n = 0; n < 4; n += 1) {
      put(demand(`a${n}`), demand(`b${n}`), denied("x"));
      await until(world, () => served.names.length === 2 * (n + 1));
    }
    expect(served.names).toEqual(["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3"]);
    let [sequence, previous] = [0, genesis(AGREEMENT, 0)];
    for (const { header, digest } of served.frames) {
      if (header.kind !== "records") continue;
      expect(header).toMatchObject({ partition: 0, sequence, previous });
      sequence += header.count;
      previous = digest;
    }
    expect(sequence).toBe(8);
  });

  test("go on from a cursor as if nothing had been between", async () => {
    await open(2);
    put(demand("a"));
    world.source.append(SOURCE, 1, [demand("z")]);
    const first = serve(new Map());
    await until(world, () => first.names.length === 2);
    stop.abort();
    expect(await whenEnded(world, first)).toBeUndefined();
    stop = new AbortController();
    put(demand("b"));
    const second = serve(first.cursors);
    await until(world, () => second.names.length === 1);
    expect(second.names).toEqual(["b"]);
    const before = first.frames.findLast(({ header }) => header.kind === "records" && header.partition === 0);
    expect(second.headers[0]).toMatchObject({ partition: 0, sequence: 1, previous: before?.digest });
  });

  test("that are cut again after an interruption are the same frames", async () => {
    await open();
    put(demand("a"));
    put(demand("b"));
    const one = serve(new Map());
    await until(world, () => one.names.length === 2);
    const other = serve(new Map());
    await until(world, () => other.names.length === 2);
    expect(other.frames.map(({ digest }) => digest)).toEqual(one.frames.map(({ digest }) => digest));
  });
});

describe("the first connection", () => {
  test("is answered with an empty frame for each partition, with a cursor", async () => {
    await open(3);
    const served = serve(new Map());
    await until(world, () => served.headers.length === 3);
    expect(served.headers.map(({ partition, count, sequence }) => [partition, count, sequence])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [2, 0, 0],
    ]);
  });

  test("makes `latest` mean the same after a restart", async () => {
    await open(1, { start: "latest" });
    put(demand("before"));
    const first = serve(new Map());
    await until(world, () => first.headers.length === 1);
    stop.abort();
    await whenEnded(world, first);
    put(demand("while nobody was connected"));
    stop = new AbortController();
    const second = serve(first.cursors);
    await until(world, () => second.names.length === 1);
    expect(second.names).toEqual(["while nobody was connected"]);
  });

  test("shares nothing before a start that is yet to come", async () => {
    await open(1, { start: "2026-12-15T12:01:00Z" });
    const early = serve(new Map());
    expect(await whenEnded(world, early)).toEqual(code("AGREEMENT_NOT_IN_FORCE"));
    expect(early.last).toMatchObject({ kind: "end", status: "approved" });
    put(demand("before"));
    await pass(world, 60_000);
    put({ ...demand("after"), timestamp: BigInt(world.clock.now()) });
    const served = serve(new Map());
    await until(world, () => served.names.length > 0);
    expect(served.names).toEqual(["after"]);
  });

  test("begins a partition that a link under way has no cursor of with its first record since the agreement, also after `latest`", async () => {
    await open(2, { start: "latest" });
    const first = serve(new Map());
    await until(world, () => first.headers.length === 2);
    stop.abort();
    await whenEnded(world, first);
    const old = { ...demand("from before the agreement"), timestamp: 1_700_000_000_000n };
    world.source.append(SOURCE, 1, [old, demand("in a partition that came later")]);
    stop = new AbortController();
    const second = serve(new Map([...first.cursors].filter(([partition]) => partition === 0)));
    await until(world, () => second.names.length === 1);
    expect(second.names).toEqual(["in a partition that came later"]);
  });

  test("begins at the agreement's time", async () => {
    await open(1, { start: "2026-12-15T12:00:00Z" });
    put({ ...demand("old"), timestamp: 1_700_000_000_000n });
    put(demand("new"));
    const served = serve(new Map());
    await until(world, () => served.names.length > 0);
    expect(served.names).toEqual(["new"]);
  });
});

describe("decisions", () => {
  test("are durable before their frame is written", async () => {
    await open();
    const durable: number[] = [];
    const { append } = world.ports.decisions;
    const decisions = {
      append: async (given: Parameters<typeof append>[0]) => {
        await append(given);
        durable.push(...given.map(() => 1));
      },
    };
    world = { ...world, ports: { ...world.ports, decisions } };
    let written = 0;
    put(demand("a"));
    const served = serve(new Map(), () => expect(durable.length).toBeGreaterThan(written++));
    await until(world, () => served.names.length === 1);
    expect(served.headers).toHaveLength(2);
  });

  test("name the frame, what it stands on, and every record that was read", async () => {
    await open();
    put(denied("x"), demand("a"), denied("y"));
    const served = serve(new Map());
    await until(world, () => served.names.length === 1);
    const [, decision] = await world.aurora.frames();
    expect(decision).toMatchObject({
      side: "publisher",
      partner: HELIX,
      frame: served.frames[1]?.digest,
      plan: served.headers[1]?.plan,
      summary: { firstOffset: "0", lastOffset: "2", read: 3, permitted: 1, denied: 2 },
    });
    expect(JSON.stringify(decision)).not.toContain("BPNL0000000OTHER");
  });

  test("that can't be written let nothing leave but the reason", async () => {
    await open();
    world.aurora.journal.isAway = true;
    put(demand("a"));
    const served = serve(new Map());
    expect(await whenEnded(world, served)).toEqual(code("AUDIT_UNAVAILABLE"));
    expect(served.frames.map(({ header }) => header.kind)).toEqual(["end"]);
    expect(served.last).toMatchObject({ kind: "end", code: "AUDIT_UNAVAILABLE" });
  });
});

describe("a run of which everything is denied", () => {
  test("waits up to a second, then moves the cursor with an empty frame", async () => {
    await open();
    const served = serve(new Map());
    await until(world, () => served.headers.length === 1);
    put(denied("x"));
    await pass(world, 900);
    expect(served.headers).toHaveLength(1);
    put(denied("y"));
    await pass(world, 400);
    expect(served.headers).toHaveLength(2);
    expect(served.last).toMatchObject({ kind: "records", count: 0, sequence: 0 });
    const cursor = openCursor(served.headers[1]?.cursor ?? "", AGREEMENT, world.ports.keys.cursor);
    expect(cursor.position.offset).toBe(2n);
    expect((await world.aurora.frames())[1]?.summary).toMatchObject({ read: 2, denied: 2, lastOffset: "1" });
  });

  test("travels with the next record that leaves", async () => {
    await open();
    const served = serve(new Map());
    await until(world, () => served.headers.length === 1);
    put(denied("x"));
    await pass(world, 300);
    put(demand("a"));
    await until(world, () => served.names.length === 1);
    expect(served.headers).toHaveLength(2);
    expect((await world.aurora.frames())[1]?.summary).toMatchObject({
      firstOffset: "0",
      lastOffset: "1",
      denied: 1,
      permitted: 1,
    });
    await pass(world, 3_000);
    expect(served.headers).toHaveLength(2);
  });
});

test("a frame's memory is given back when it has left, and not before", async () => {
  await open();
  put(...Array.from({ length: 1_000 }, () => demand(randomUUID())));
  const written: { readonly chunk: Uint8Array; readonly sent: (() => void) | undefined }[] = [];
  const out = { write: async (chunk: Uint8Array, sent?: () => void) => void written.push({ chunk, sent }) };
  const current = () => world.publications.current(AGREEMENT);
  void publish({ agreement: AGREEMENT, current, cursors: new Map() }, out, world.ports, stop.signal);
  await until(world, () => written.some(({ sent }) => sent !== undefined));
  await pass(world, 1_000);
  const body = written.find(({ sent }) => sent !== undefined);
  expect(recordCodec.decode(body?.chunk ?? new Uint8Array(0), 0n, 1e9)).toHaveLength(1_000);
  body?.sent?.();
  expect(body?.chunk).toHaveLength(0);
});

test("a silent stream says once a second that it is alive", async () => {
  await open();
  const served = serve(new Map());
  await until(world, () => served.headers.length === 1);
  await pass(world, 5_000);
  const idle = served.frames.filter(({ header }) => header.kind === "idle").length;
  expect(idle).toBeGreaterThanOrEqual(4);
  expect(idle).toBeLessThanOrEqual(5);
  expect(await world.aurora.frames()).toHaveLength(1);
});

test("a clock that is set back makes no stream fall silent", async () => {
  await open();
  const { clock } = world;
  let backMs = 0;
  const set = { now: () => clock.now() - backMs, sleep: clock.sleep.bind(clock) };
  world = { ...world, ports: { ...world.ports, clock: set } };
  const served = serve(new Map());
  await until({ clock }, () => served.headers.length === 1);
  backMs = 3_600_000;
  put(denied("x"));
  const before = served.frames.length;
  await pass({ clock }, 2_000);
  const kinds = served.frames.slice(before).map(({ header }) => header.kind);
  expect(kinds).toContain("idle");
  expect(kinds).toContain("records");
});
