import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linkEndpoints } from "../../../src/bridge/links/link-endpoints.ts";
import type { Answer } from "../../../src/kernel/endpoint.ts";
import type { Json } from "../../../src/kernel/json.ts";
import { AGREEMENT, HELIX, NOW } from "../../mesh/two-companies.ts";
import { memoryPartner } from "../../support/memory-partner.ts";
import {
  demand,
  framesOf,
  type Gateways,
  namesOf,
  pass,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

const STRANGER = "urn:bpn:BPNL0000000OTHER";
const REPLAY = "0f8fad5b-d9cb-469f-a165-70867728950e";
const STREAM = `/v1/agreements/${AGREEMENT}/stream`;
let world: Gateways;
let closed: AbortController;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  closed = new AbortController();
  world = await twoGateways(2);
});
afterEach(() => {
  closed.abort();
  vi.useRealTimers();
});

const refused = (code: string) => expect.objectContaining({ context: { code } });
const shape = async (caller = HELIX, id = AGREEMENT) =>
  await memoryPartner(world.rows, caller).json("GET", `/v1/agreements/${id}/stream`);

describe("the shape of a stream", () => {
  test("is told to its subscriber", async () => {
    const publication = world.publications.current(AGREEMENT);
    if ("withheld" in publication) throw new Error(publication.why);
    const { plan } = publication.route;
    expect(await shape()).toEqual({
      partitions: 2,
      plan: plan.digest,
      retentionMs: publication.retentionMs,
    });
  });

  test("is told to nobody else, and of nothing else", async () => {
    await expect(shape(STRANGER)).rejects.toEqual(refused("AGREEMENT_NOT_IN_FORCE"));
    await expect(shape(HELIX, "none")).rejects.toEqual(refused("AGREEMENT_NOT_IN_FORCE"));
    await world.aurora.agreements.act(AGREEMENT, "suspend", "");
    await expect(shape()).rejects.toEqual(refused("AGREEMENT_NOT_IN_FORCE"));
  });
});

/** Calls the stream and collects what is written. */
async function stream(body: Json, caller = HELIX, taken = async (): Promise<void> => undefined) {
  const { ports, publications, served, aurora } = world;
  const rows = linkEndpoints({ ...ports, registry: aurora.registry, publications, served });
  const row = rows.find(({ method }) => method === "POST");
  if (row === undefined) throw new Error("There is a row for the stream.");
  const answer: Answer = await row.handle({ partner: caller, params: { id: AGREEMENT }, query: {}, body });
  if ("body" in answer) throw new Error("The answer has no end.");
  const bytes: Uint8Array[] = [];
  const ended: { code?: string | undefined; over: boolean } = { over: false };
  const out = {
    write: async (chunk: Uint8Array) => {
      bytes.push(chunk);
      await taken();
    },
  };
  answer
    .write(out, closed.signal)
    .catch((error: { readonly code: string }) => {
      ended.code = error.code;
    })
    .finally(() => {
      ended.over = true;
    });
  return { bytes, ended, frames: async () => await framesOf(bytes, world.signers) };
}

describe("a stream", () => {
  test.each<[string, Json]>([
    ["nothing", null],
    ["a list", []],
    ["no cursors", {}],
    ["a list of cursors", { cursors: [] }],
    ["a partition that is no number", { cursors: { first: "x" } }],
    ["a negative partition", { cursors: { "-1": "x" } }],
    ["a cursor that is no text", { cursors: { "0": 7 } }],
    ["partitions that are no list", { cursors: {}, partitions: 0, of: 2 }],
    ["no partition at all", { cursors: {}, partitions: [], of: 2 }],
    ["a partition that is no whole number", { cursors: {}, partitions: [0.5], of: 2 }],
    ["a partition below zero", { cursors: {}, partitions: [-1], of: 2 }],
    ["a partition that is twice there", { cursors: {}, partitions: [1, 1], of: 2 }],
    ["a partition that is none of so many", { cursors: {}, partitions: [2], of: 2 }],
    ["partitions out of how many is not said", { cursors: {}, partitions: [0] }],
    ["partitions out of more than a stream may have", { cursors: {}, partitions: [0], of: 10_001 }],
    ["a cursor of a partition that is not asked for", { cursors: { "0": "x" }, partitions: [1], of: 2 }],
    [
      "some partitions of a replay",
      { cursors: { "0": "x" }, replay: { id: REPLAY, ends: { "0": "x" } }, partitions: [0], of: 2 },
    ],
  ])("is not opened with %s", async (_, body) => {
    await expect(stream(body)).rejects.toEqual(expect.objectContaining({ code: "REQUEST_INVALID" }));
  });

  test("is not opened by another company", async () => {
    await expect(stream({ cursors: {} }, STRANGER)).rejects.toEqual(
      expect.objectContaining({ code: "AGREEMENT_NOT_IN_FORCE" }),
    );
  });

  test("is shown as served until its reader leaves, which is no failure", async () => {
    const { bytes, ended } = await stream({ cursors: {} });
    await until(world, () => bytes.length > 0);
    expect(world.served.all).toMatchObject([{ agreement: AGREEMENT, partner: HELIX, since: NOW }]);
    closed.abort();
    await until(world, () => ended.over);
    expect(ended.code).toBeUndefined();
    expect(world.served.size).toBe(0);
    expect((await world.aurora.acts()).map(({ act }) => act)).not.toContain("link.ended");
  });

  test("that is revoked under way ends within a second with a frame that says so, and the log has it", async () => {
    world.source.append(SOURCE, 0, [demand("a")]);
    const { bytes, ended, frames } = await stream({ cursors: {} });
    await until(world, () => bytes.length >= 3);
    const before = world.clock.now();
    await world.aurora.agreements.act(AGREEMENT, "revoke", "Ended.");
    world.source.append(SOURCE, 0, [demand("after the end")]);
    await until(world, () => ended.over);
    expect(world.clock.now() - before).toBeLessThan(1_000);
    expect(ended.code).toBe("AGREEMENT_NOT_IN_FORCE");
    const sent = await frames();
    expect(sent.at(-1)?.header).toMatchObject({ kind: "end", status: "revoked" });
    expect(sent.filter(({ header }) => header.kind === "records" && header.count > 0)).toHaveLength(1);
    expect((await world.aurora.acts()).slice(-2)).toMatchObject([
      { act: "agreement.revoked", note: "Ended." },
      { act: "link.ended", actor: "gateway", partner: HELIX, code: "AGREEMENT_NOT_IN_FORCE" },
    ]);
    await expect(memoryPartner(world.rows, HELIX).json("GET", STREAM)).rejects.toEqual(
      refused("AGREEMENT_NOT_IN_FORCE"),
    );
  });

  test("goes on while other agreements and files change", async () => {
    const { bytes, ended } = await stream({ cursors: {} });
    await until(world, () => bytes.length > 0);
    const { files, ...rest } = world.aurora.registry.snapshot.entries.values().next().value?.entry ?? {};
    expect(rest).toMatchObject({ kind: "DataContract" });
    await world.aurora.accept({ kind: "DataContract", main: "contract.odcs.yaml", files: files ?? {} });
    world.source.append(SOURCE, 1, [demand("b")]);
    const had = bytes.length;
    await until(world, () => bytes.length > had);
    expect(ended.over).toBe(false);
  });
});

describe("a stream of some partitions", () => {
  const partitionsOf = async ({ frames }: Awaited<ReturnType<typeof stream>>): Promise<readonly number[]> => [
    ...new Set((await frames()).flatMap(({ header }) => (header.kind === "records" ? header.partition : []))),
  ];

  test("brings no other, and a partition without a cursor from its beginning", async () => {
    world.source.append(SOURCE, 0, [demand("of another")]);
    world.source.append(SOURCE, 1, [demand("wanted")]);
    const some = await stream({ cursors: {}, partitions: [1], of: 2 });
    await until(world, () => some.bytes.length >= 2);
    expect(await partitionsOf(some)).toEqual([1]);
    expect((await some.frames()).flatMap(namesOf)).toEqual(["wanted"]);
  });

  test("brings nothing from before an agreement that starts at its latest", async () => {
    world = await twoGateways(2, { start: "latest" });
    const old = { ...demand("from before"), timestamp: 1_700_000_000_000n };
    world.source.append(SOURCE, 1, [old, demand("since then")]);
    const some = await stream({ cursors: {}, partitions: [1], of: 2 });
    await until(world, () => some.bytes.length >= 2);
    expect((await some.frames()).flatMap(namesOf)).toEqual(["since then"]);
  });

  test("takes the place of those that share a partition with it, and lets the others be", async () => {
    const whole = await stream({ cursors: {} });
    await until(world, () => whole.bytes.length > 0);
    const first = await stream({ cursors: {}, partitions: [0], of: 2 });
    await until(world, () => whole.ended.over && first.bytes.length > 0);
    expect((await whole.frames()).at(-1)?.header).toMatchObject({ kind: "end", code: "LINK_FENCED" });
    const second = await stream({ cursors: {}, partitions: [1], of: 2 });
    await until(world, () => second.bytes.length > 0);
    expect([first.ended.over, second.ended.over]).toEqual([false, false]);
    expect(world.served.size).toBe(2);
    const again = await stream({ cursors: {}, partitions: [1], of: 2 });
    await until(world, () => second.ended.over && again.bytes.length > 0);
    expect(first.ended.over).toBe(false);
    expect(world.served.all.map(({ partitions }) => [...(partitions ?? [])])).toEqual([[0], [1]]);
  });

  test("whose reader takes nothing is cut soon after another took its place", async () => {
    const stuck = await stream({ cursors: {} }, HELIX, () => new Promise(() => undefined));
    await until(world, () => stuck.bytes.length > 0);
    await stream({ cursors: {} });
    await pass(world, 1_000);
    expect(stuck.ended).toEqual({ over: true, code: "LINK_FENCED" });
  });

  test("ends where the source has another number of partitions than the subscriber knows", async () => {
    const { ended, frames } = await stream({ cursors: {}, partitions: [0], of: 1 });
    await until(world, () => ended.over);
    expect(ended.code).toBe("STREAM_CHANGED");
    expect((await frames()).map(({ header }) => header)).toMatchObject([
      { kind: "end", code: "STREAM_CHANGED" },
    ]);
  });
});
