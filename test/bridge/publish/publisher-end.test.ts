import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sealCursor } from "../../../src/bridge/frames/cursor.ts";
import type { AdmitLater } from "../../../src/bridge/lanes/lanes.ts";
import { genesis } from "../../../src/kernel/chain.ts";
import type { Decision } from "../../../src/kernel/decision.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { AgreementFields } from "../../../src/tenants/agreement-file.ts";
import { AGREEMENT } from "../../mesh/two-companies.ts";
import { type Cursors, Served, whenEnded } from "../served.ts";
import { demand, type Gateways, SOURCE, twoGateways, until } from "../two-gateways.ts";

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

describe("a cursor", () => {
  const cursorOf = (changes: object = {}, agreement = AGREEMENT): string =>
    sealCursor(
      {
        topicId: world.source.topic(SOURCE).topicId,
        position: { partition: 0, offset: 0n, leaderEpoch: -1 },
        sequence: 0,
        previous: genesis(agreement, 0),
        ...changes,
      },
      agreement,
      world.ports.keys.cursor,
    );

  test.each<[string, () => string, string]>([
    ["of another agreement", () => cursorOf({}, "other"), "LINK_CURSOR_REFUSED"],
    [
      "of another partition",
      () => cursorOf({ position: { partition: 1, offset: 0n, leaderEpoch: -1 } }),
      "LINK_CURSOR_REFUSED",
    ],
    ["that is any text", () => "AAAA", "LINK_CURSOR_REFUSED"],
    ["of the topic that was there before", () => cursorOf({ topicId: "0".repeat(32) }), "SOURCE_RECREATED"],
  ])("%s ends the stream before a record, and says why", async (_, cursor, expected) => {
    await open(2);
    const served = serve(new Map([[0, cursor()]]));
    expect(await whenEnded(world, served)).toEqual(code(expected));
    expect(served.names).toEqual([]);
    expect(served.last).toMatchObject({ kind: "end", code: expected, status: "" });
  });

  const gone: [string, () => string, string][] = [
    [
      "below what the source still holds",
      () => {
        put(demand("a"), demand("b"));
        world.source.log(SOURCE, 0).truncateBelow(1n);
        return cursorOf();
      },
      "SOURCE_TRUNCATED",
    ],
    [
      "above what the source holds",
      () => cursorOf({ position: { partition: 0, offset: 9n, leaderEpoch: -1 } }),
      "SOURCE_TRUNCATED",
    ],
  ];

  test.each(gone)("%s ends its partition, and the others go on", async (_, cursor, expected) => {
    await open(2);
    const served = serve(new Map([[0, cursor()]]));
    await until(world, () => served.frames.some(({ header }) => header.kind === "halt"));
    world.source.append(SOURCE, 1, [demand("z")]);
    await until(world, () => served.names.length > 0);
    expect(served.names).toEqual(["z"]);
    const halt = served.frames.find(({ header }) => header.kind === "halt")?.header;
    expect(halt).toMatchObject({ partition: 0, code: expected });
    const acts = await Array.fromAsync(world.aurora.log());
    expect(acts).toContainEqual(
      expect.objectContaining({ act: "link.halted", partition: 0, code: expected }),
    );
  });

  test.each(gone)("%s ends the stream where there is no other partition", async (_, cursor, expected) => {
    await open(1);
    const served = serve(new Map([[0, cursor()]]));
    expect(await whenEnded(world, served)).toEqual(code(expected));
    expect(served.last).toMatchObject({ kind: "end", code: expected, status: "" });
  });

  test("is not needed to see that the topic was made again while the stream runs", async () => {
    await open();
    const served = serve(new Map());
    await until(world, () => served.headers.length === 1);
    world.source.makeTopic(SOURCE, 1);
    put(demand("of the new topic"));
    expect(await whenEnded(world, served)).toEqual(code("SOURCE_RECREATED"));
    expect(served.names).toEqual([]);
  });
});

describe("a batch that can't be decided", () => {
  const noLane: AdmitLater = async () =>
    await Promise.reject(new Error("No run is large enough for a lane."));

  test.each([
    ["beside the loop", { admitLater: noLane }],
    ["in the loop", {}],
  ])("%s ends its partition once, whatever of it was read already", async (_, lanes) => {
    world = await twoGateways(2, {}, 1);
    const { admit: honest } = world.ports;
    const admit: typeof honest = (batch, ...rest) => {
      if (batch.from.partition === 0) throw new MeshError("SOURCE_CODEC", "The batch is of another format.");
      return honest(batch, ...rest);
    };
    world = { ...world, ports: { ...world.ports, ...lanes, admit } };
    put(demand("a"));
    put(demand("b"));
    put(demand("c"));
    const served = serve(new Map());
    await until(world, () => served.frames.some(({ header }) => header.kind === "halt"));
    put(demand("d"));
    world.source.append(SOURCE, 1, [demand("z")]);
    await until(world, () => served.names.length > 0);
    expect(served.names).toEqual(["z"]);
    expect(served.frames.filter(({ header }) => header.kind === "halt")).toHaveLength(1);
    expect((await world.aurora.acts()).filter(({ act }) => act === "link.halted")).toHaveLength(1);
  });
});

describe("a stream ends with a frame that says why", () => {
  test("and what was decided before the agreement was revoked, but waits for the log, does not leave", async () => {
    await open();
    const held = Promise.withResolvers<void>();
    let asked = 0;
    const { decisions } = world.ports;
    const append = async (given: readonly Decision[]): Promise<void> => {
      if (given.some((decision) => decision.kind === "frame" && decision.count > 0)) {
        asked += 1;
        await held.promise;
      }
      await decisions.append(given);
    };
    world = { ...world, ports: { ...world.ports, decisions: { append } } };
    const served = serve(new Map());
    await until(world, () => served.headers.length === 1);
    put(demand("decided before"));
    await until(world, () => asked === 1);
    await world.aurora.agreements.act(AGREEMENT, "revoke", "");
    held.resolve();
    expect(await whenEnded(world, served)).toEqual(code("AGREEMENT_NOT_IN_FORCE"));
    expect(served.names).toEqual([]);
  });

  test("when the agreement is revoked", async () => {
    await open();
    put(demand("a"));
    const served = serve(new Map());
    await until(world, () => served.names.length === 1);
    await world.aurora.agreements.act(AGREEMENT, "revoke", "");
    put(demand("after the end"));
    expect(await whenEnded(world, served)).toEqual(code("AGREEMENT_NOT_IN_FORCE"));
    expect(served.names).toEqual(["a"]);
    expect(served.last).toMatchObject({ kind: "end", code: "AGREEMENT_NOT_IN_FORCE", status: "revoked" });
  });

  test("when the agreement was revoked in the moment in which the stream was opened", async () => {
    await open();
    put(demand("a"));
    await world.aurora.agreements.act(AGREEMENT, "revoke", "");
    const served = serve(new Map());
    expect(await whenEnded(world, served)).toEqual(code("AGREEMENT_NOT_IN_FORCE"));
    expect(served.frames.map(({ header }) => header)).toEqual([
      { v: 1, kind: "end", agreement: AGREEMENT, code: "AGREEMENT_NOT_IN_FORCE", status: "revoked" },
    ]);
  });

  test("when the agreement's time is over, although nothing changed in the registry", async () => {
    await open(1, { endTimestamp: "2026-12-15T12:00:05Z" });
    const served = serve(new Map());
    expect(await whenEnded(world, served)).toEqual(code("AGREEMENT_NOT_IN_FORCE"));
    expect(served.last).toMatchObject({ kind: "end", status: "expired" });
    put(demand("after the end"));
    expect(served.names).toEqual([]);
  });

  test("as INTERNAL, without its text, when a defect ends it", async () => {
    await open();
    const admit = (): never => {
      throw new TypeError("secret of a record");
    };
    world = { ...world, ports: { ...world.ports, admit } };
    put(demand("a"));
    const served = serve(new Map());
    expect(await whenEnded(world, served)).toBeInstanceOf(TypeError);
    expect(served.last).toEqual({ v: 1, kind: "end", agreement: AGREEMENT, code: "INTERNAL", status: "" });
  });
});
