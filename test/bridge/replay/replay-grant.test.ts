import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Progress } from "../../../src/bridge/links/progress.ts";
import type { Json, JsonMembers } from "../../../src/kernel/json.ts";
import { AGREEMENT, HELIX, NOW } from "../../mesh/two-companies.ts";
import { memoryPartner } from "../../support/memory-partner.ts";
import { demand, framesOf, type Gateways, pass, SOURCE, twoGateways, until } from "../two-gateways.ts";

const ONE = "aa11bb22-0000-4000-8000-000000000001";
const OTHER = "aa11bb22-0000-4000-8000-000000000002";
const STRANGER = "urn:bpn:BPNL0000000OTHER";
let world: Gateways;
let stop: AbortController;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  stop = new AbortController();
  world = await twoGateways(2);
  world.source.append(SOURCE, 0, [demand("a")]);
});
afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

const post = async (what: string, body: Json, caller = HELIX) =>
  (await memoryPartner(world.rows, caller).json(
    "POST",
    `/v1/agreements/${AGREEMENT}/${what}`,
    body,
  )) as JsonMembers;
const ask = { id: ONE, from: "earliest", to: null, partition: null };
const refused = (code: string) => ({ context: { code } });

interface Granted {
  readonly cursors: Record<string, string>;
  readonly ends: Record<string, string>;
}
async function granted(id: string): Promise<Granted> {
  const { partitions } = await post("replays", { ...ask, id });
  const rows = Object.entries(partitions as Readonly<Record<string, { cursor: string; end: string }>>);
  return {
    cursors: Object.fromEntries(rows.map(([partition, { cursor }]) => [partition, cursor])),
    ends: Object.fromEntries(rows.map(([partition, { end }]) => [partition, end])),
  };
}
/** The code by which the publisher ends what is opened; undefined: it refuses at once. */
async function endOf(body: Json): Promise<string> {
  const client = memoryPartner(world.rows, HELIX);
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    const bytes = await client.stream("POST", `/v1/agreements/${AGREEMENT}/stream`, body, stop.signal);
    for await (const chunk of bytes) chunks.push(chunk);
  })();
  let failure: unknown;
  let isOver = false;
  reading
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      isOver = true;
    });
  await until(world, () => isOver);
  const header = (await framesOf(chunks, world.signers)).at(-1)?.header;
  if (header?.kind === "end") return header.code;
  throw failure;
}

describe("what was granted for a replay", () => {
  test("opens that replay, which ends by itself", async () => {
    const { cursors, ends } = await granted(ONE);
    expect(await endOf({ cursors, replay: { id: ONE, ends } })).toBe("REPLAY_DONE");
  });

  test("opens neither the live stream nor another replay", async () => {
    const one = await granted(ONE);
    const other = await granted(OTHER);
    expect(await endOf({ cursors: one.cursors })).toBe("LINK_CURSOR_REFUSED");
    const mixed = { cursors: one.cursors, replay: { id: OTHER, ends: other.ends } };
    expect(await endOf(mixed)).toBe("LINK_CURSOR_REFUSED");
    const ends = { cursors: other.cursors, replay: { id: OTHER, ends: one.ends } };
    await expect(endOf(ends)).rejects.toMatchObject(refused("LINK_CURSOR_REFUSED"));
    const [first = "", second = ""] = Object.values(one.ends);
    const swapped = { cursors: one.cursors, replay: { id: ONE, ends: { "0": second, "1": first } } };
    await expect(endOf(swapped)).rejects.toMatchObject(refused("LINK_CURSOR_REFUSED"));
  });

  test("is not done while a partition is left out, which has an end and no cursor", async () => {
    const { cursors, ends } = await granted(ONE);
    let end: string | undefined;
    const body = { cursors: { "0": cursors["0"] ?? "" }, replay: { id: ONE, ends } };
    const ending = endOf(body).catch(() => "left");
    void ending.then((code) => {
      end = code;
    });
    await pass(world, 5_000);
    expect(end).toBeUndefined();
    stop.abort();
    expect(await ending).toBe("left");
  });

  test("is of no use without an end for each cursor, without any cursor, or with an id that is none", async () => {
    const { cursors, ends } = await granted(ONE);
    for (const body of [
      { cursors, replay: { id: ONE, ends: { "0": ends["0"] ?? "" } } },
      { cursors: {}, replay: { id: ONE, ends } },
      { cursors, replay: { id: "one", ends } },
      { cursors: {}, replay: { id: ONE, ends: {} } },
      { cursors, replay: { id: ONE } },
    ])
      await expect(endOf(body)).rejects.toMatchObject(refused("REQUEST_INVALID"));
  });

  test("opens no more than four replays at once", async () => {
    const { cursors, ends } = await granted(ONE);
    for (const number of [3, 4, 5, 6]) {
      const replay = `aa11bb22-0000-4000-8000-00000000000${number}`;
      const progress = new Progress();
      const stream = {
        agreement: AGREEMENT,
        partner: HELIX,
        replay,
        since: NOW,
        progress,
        supersede: () => undefined,
      };
      world.served.begin(stream);
    }
    await expect(endOf({ cursors, replay: { id: ONE, ends } })).rejects.toMatchObject(refused("CONFLICT"));
  });
});

describe("a request is refused", () => {
  test.each<[string, Json]>([
    ["without anything", null],
    ["without an id", { ...ask, id: null }],
    ["with an id that could be part of another name", { ...ask, id: "a.replay.b" }],
    ["from nowhere", { ...ask, from: null }],
    ["from before time began", { ...ask, from: -1 }],
    ["up to a text", { ...ask, to: "now" }],
    ["for half a partition", { ...ask, partition: 0.5 }],
  ])("for a replay %s", async (_, body) => {
    await expect(post("replays", body)).rejects.toMatchObject(refused("REQUEST_INVALID"));
  });

  test.each<[string, Json]>([
    ["without anything", null],
    ["without an id", { to: "latest" }],
    ["at no place", { id: ONE }],
    ["at a time that is none", { id: ONE, to: "yesterday" }],
    ["of a list", { id: ONE, places: [] }],
    ["of a partition that is no number", { id: ONE, places: { first: null } }],
    ["of a record that names half", { id: ONE, places: { "0": { place: "x" } } }],
  ])("for places %s", async (_, body) => {
    await expect(post("places", body)).rejects.toMatchObject(refused("REQUEST_INVALID"));
  });

  test.each(["replays", "places"])("by another company: %s", async (what) => {
    await expect(post(what, { ...ask, to: "latest" }, STRANGER)).rejects.toMatchObject(
      refused("AGREEMENT_NOT_IN_FORCE"),
    );
    expect((await world.aurora.acts()).map(({ act }) => act)).not.toContain("replay.granted");
  });

  test("for the place of a partition that the stream does not have", async () => {
    const place = { agreement: AGREEMENT, place: "A".repeat(22) };
    await expect(post("places", { id: ONE, places: { "7": place } })).rejects.toMatchObject(
      refused("LINK_PLACE_REFUSED"),
    );
  });
});
