import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { FrameHeader, RecordsHeader } from "../../../src/bridge/frames/frame.ts";
import { FRAMES_TYPE } from "../../../src/bridge/links/link-endpoints.ts";
import { subscribe } from "../../../src/bridge/subscribe/subscriber.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { genesis } from "../../../src/kernel/chain.ts";
import { digestOf, digestOfBytes } from "../../../src/kernel/digest.ts";
import type { ByteSink } from "../../../src/kernel/endpoint.ts";
import { AGREEMENT, AURORA, HELIX } from "../../mesh/two-companies.ts";
import { memoryPartner } from "../../support/memory-partner.ts";
import { type CommitFault, memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { sealFrame } from "../../support/wire-frames.ts";
import { demand, type Gateways, NOBODY, namesIn, REPLICA, twoGateways, until } from "../two-gateways.ts";

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

/** A publisher that says what it is told to, piece by piece; it leaves the answer open unless it ends in an error. */
function saying(frames: readonly Uint8Array[], asked: unknown[] = []) {
  const row = {
    method: "POST",
    path: "/v1/agreements/:id/stream",
    access: "partner",
    handle: async ({ body }: { readonly body: unknown }) => {
      asked.push(body);
      return {
        contentType: FRAMES_TYPE,
        write: async (out: ByteSink, signal: AbortSignal): Promise<void> => {
          for (const bytes of frames) await out.write(bytes);
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        },
      };
    },
  } as const;
  return memoryPartner([row], HELIX);
}

interface Ended {
  error?: { readonly code?: string; readonly message?: string };
  running: boolean;
}

/** Runs the subscriber against such a publisher. */
function follow(client: ReturnType<typeof saying>, fault?: CommitFault): Ended {
  const ended: Ended = { running: false };
  const { helix, target, clock } = world;
  const ports = {
    client,
    sink: memoryReplicaSink(target, fault),
    codec: recordCodec,
    decisions: helix.decisions,
    clock,
    emit: helix.emit,
  };
  const running = (): void => {
    ended.running = true;
  };
  subscribe(world.subscription, ports, stop.signal, { ...NOBODY, running }).catch(
    (error: NonNullable<Ended["error"]>) => {
      ended.error = error;
    },
  );
  return ended;
}
async function errorOf(ended: Ended): Promise<Ended["error"]> {
  await until(world, () => ended.error !== undefined);
  return ended.error;
}

interface Made {
  readonly bytes: Buffer;
  readonly digest: string;
}

/** Frames as a publisher seals them, with what a case wants otherwise. */
function frame(
  name: string,
  changes: Partial<RecordsHeader> = {},
  body: Uint8Array = recordCodec.encode([demand(name)]),
): Made {
  const header: RecordsHeader = {
    v: 1,
    kind: "records",
    agreement: AGREEMENT,
    contract: world.subscription.contract.digest,
    plan: digestOf("plan"),
    partition: 0,
    sequence: 0,
    count: 1,
    body: digestOfBytes(body),
    previous: genesis(AGREEMENT, 0),
    cursor: `cursor-after-${name}`,
    ...changes,
  };
  const { cursor: _, ...core } = header;
  return { bytes: sealFrame(header, body, world.signing), digest: digestOf(core) };
}
const IDLE = { v: 1, kind: "idle", agreement: AGREEMENT, behindMs: 0 } as const;
const bare = (header: FrameHeader): Buffer => sealFrame(header, new Uint8Array(0), world.signing);
const end = (code: string, status = ""): Buffer =>
  bare({ v: 1, kind: "end", agreement: AGREEMENT, code, status });
const halt = (partition: number): Buffer =>
  bare({ v: 1, kind: "halt", agreement: AGREEMENT, partition, code: "SOURCE_CORRUPT" });
const stored = (partition = 0) => namesIn(world.target, REPLICA, partition);

describe("frames that follow each other", () => {
  test("are stored with their cursors, each after its own decision", async () => {
    const a = frame("a");
    const b = frame("b", { sequence: 1, previous: a.digest });
    const z = frame("z", { partition: 1, previous: genesis(AGREEMENT, 1) });
    const decided: number[] = [];
    const ended = follow(saying([a.bytes, z.bytes, b.bytes]), () => void decided.push(1));
    await until(world, () => (ended.running ? stored(1).length + stored().length === 3 : false));
    expect([stored(), stored(1)]).toEqual([["a", "b"], ["z"]]);
    expect(world.target.cursors.get(`tiermesh.${AGREEMENT} ${REPLICA} 0`)).toEqual({
      partition: 0,
      sequence: 2n,
      metadata: `${b.digest} cursor-after-b`,
    });
    const frames = await world.helix.frames();
    expect(frames.map(({ side, partner, frame: digest }) => [side, partner, digest])).toEqual(
      [a, z, b].map(({ digest }) => ["subscriber", AURORA, digest]),
    );
  });

  test("go on from the committed cursor, which is what the publisher is asked with", async () => {
    const a = frame("a");
    const only = follow(saying([a.bytes]));
    await until(world, () => only.running && stored().length === 1);
    stop.abort();
    await errorOf(only);
    stop = new AbortController();
    const asked: unknown[] = [];
    const again = follow(saying([frame("b", { sequence: 1, previous: a.digest }).bytes], asked));
    await until(world, () => again.running && stored().length === 2);
    expect(asked).toEqual([{ cursors: { "0": "cursor-after-a" } }]);
  });

  test("are not stored when their decision can't be written", async () => {
    world.helix.journal.isAway = true;
    const ended = follow(saying([frame("a").bytes]));
    expect(await errorOf(ended)).toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    expect(stored()).toEqual([]);
  });
});

/** While the first frame is being stored, the others wait for the next transaction together. */
describe("a frame is refused, and nothing that waits with it is stored,", () => {
  const a = () => frame("a");
  const b = () => frame("b", { sequence: 1, previous: a().digest });
  const next = () => ({ sequence: 2, previous: b().digest });
  const flipped = (): Buffer => {
    const { bytes } = frame("c", next());
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 4;
    return bytes;
  };
  const two = recordCodec.encode([demand("c"), demand("d")]);
  const foreignKey = () => world.helix.keys.signingKey;
  test.each<[string, () => Buffer]>([
    ["when it comes a second time", () => b().bytes],
    ["when one before it is missing", () => frame("d", { sequence: 3, previous: digestOf("c") }).bytes],
    ["when it stands on another frame", () => frame("c", { ...next(), previous: digestOf("x") }).bytes],
    ["of another agreement", () => frame("c", { ...next(), agreement: "other" }).bytes],
    ["of another contract", () => frame("c", { ...next(), contract: digestOf("x") }).bytes],
    [
      "of a partition that there is not",
      () => frame("c", { partition: 2, previous: genesis(AGREEMENT, 2) }).bytes,
    ],
    ["with another number of records", () => frame("c", next(), two).bytes],
    ["with a body that is no batch", () => frame("c", next(), Buffer.from("no batch")).bytes],
    ["with a body but no records", () => frame("c", { ...next(), count: 0 }).bytes],
    ["with one bit changed", flipped],
    ["signed by somebody else", () => sealFrame(IDLE, new Uint8Array(0), foreignKey())],
    ["that ends a partition that there is not", () => halt(2)],
    ["that ends a partition again", () => Buffer.concat([halt(1), halt(1)])],
    ["that is idle and of another agreement", () => bare({ ...IDLE, agreement: "other" })],
  ])("%s", async (_, bad) => {
    const ended = follow(saying([a().bytes, Buffer.concat([b().bytes, bad()])]));
    expect(await errorOf(ended)).toMatchObject({ code: "LINK_FRAME_REFUSED" });
    expect(stored()).toEqual(["a"]);
    expect(await world.helix.frames()).toHaveLength(1);
  });
});

describe("an end frame", () => {
  test("stops what waits with it, and is told as the publisher's own failure", async () => {
    const a = frame("a");
    const b = frame("b", { sequence: 1, previous: a.digest });
    const last = Buffer.concat([b.bytes, end("AGREEMENT_NOT_IN_FORCE", "revoked")]);
    expect(await errorOf(follow(saying([a.bytes, last])))).toMatchObject({
      code: "AGREEMENT_NOT_IN_FORCE",
      context: { side: "publisher", status: "revoked" },
    });
    expect(stored()).toEqual(["a"]);
  });

  test("that is not the agreement's lets what came before it be stored, so that it is not sent again and again", async () => {
    const a = frame("a");
    const b = frame("b", { sequence: 1, previous: a.digest });
    const c = frame("c", { sequence: 2, previous: b.digest });
    const ended = follow(saying([a.bytes, b.bytes, end("SOURCE_MISSING"), c.bytes]));
    expect(await errorOf(ended)).toMatchObject({ code: "SOURCE_MISSING", context: { side: "publisher" } });
    expect(stored()).toEqual(["a", "b"]);
  });

  test.each(["NO_SUCH_CODE", "constructor"])("that says %s is a refusal without that word", async (word) => {
    const error = await errorOf(follow(saying([end(word, word)])));
    const message = "The publisher ended the stream: unknown code (unknown).";
    expect(error).toMatchObject({ code: "PARTNER_REFUSED", message });
  });
});

describe("a subscriber", () => {
  test("takes a publisher that says nothing for ten seconds for dead", async () => {
    const before = world.clock.now();
    const error = await errorOf(follow(saying([bare(IDLE)])));
    expect(error).toMatchObject({ code: "PARTNER_UNREACHABLE", message: expect.stringMatching(/silent/) });
    expect(world.clock.now() - before).toBeGreaterThan(10_000);
    expect(world.clock.now() - before).toBeLessThan(12_500);
  });

  test("commits its cursors again before they could expire, though nothing came", async () => {
    const a = frame("a");
    follow(saying([a.bytes]));
    await until(world, () => stored().length === 1);
    stop.abort();
    stop = new AbortController();
    const again: string[] = [];
    const observe: CommitFault = (moment, writes) => {
      if (moment === "after") again.push(...writes.map(({ cursor }) => cursor.metadata));
    };
    follow(saying([bare(IDLE)]), observe);
    await until(world, () => again.length > 0);
    expect(again).toEqual([`${a.digest} cursor-after-a`]);
    expect(stored()).toEqual(["a"]);
  });

  test("never begins from zero where the replica holds records without a cursor", async () => {
    world.target.makeTopic(REPLICA, 2);
    world.target.append(REPLICA, 1, [demand("theirs")]);
    const asked: unknown[] = [];
    const error = await errorOf(follow(saying([frame("a").bytes], asked)));
    expect(error).toMatchObject({ code: "LINK_CURSOR_LOST", message: expect.stringMatching(/Partition 1/) });
    expect(asked).toEqual([]);
    expect(stored(1)).toEqual(["theirs"]);
  });

  test("does not take a replica that was emptied for one that never held anything", async () => {
    world.target.makeTopic(REPLICA, 2);
    world.target.append(REPLICA, 0, [demand("old")]);
    world.target.log(REPLICA, 0).truncateBelow(1n);
    expect(await errorOf(follow(saying([])))).toMatchObject({ code: "LINK_CURSOR_LOST" });
  });

  test("refuses a commit of its group that is none of this link", async () => {
    world.target.makeTopic(REPLICA, 2);
    world.target.cursors.set(`tiermesh.${AGREEMENT} ${REPLICA} 0`, {
      partition: 0,
      sequence: 5n,
      metadata: "",
    });
    expect(await errorOf(follow(saying([])))).toMatchObject({ code: "LINK_CURSOR_LOST" });
  });

  test("that was told to stop commits nothing more", async () => {
    const { append } = world.helix.decisions;
    const decisions = {
      append: async (given: Parameters<typeof append>[0]) => {
        await append(given);
        stop.abort();
      },
    };
    world = { ...world, helix: Object.assign(Object.create(world.helix), { decisions }) };
    await errorOf(follow(saying([frame("a").bytes])));
    expect(stored()).toEqual([]);
  });

  test("that a twin fenced says so, and the twin goes on", async () => {
    const first = follow(saying([]));
    await until(world, () => first.running);
    const second = follow(saying([frame("a").bytes]));
    await until(world, () => second.running && stored().length === 1);
    const third = follow(saying([frame("b", { sequence: 1, previous: frame("a").digest }).bytes]));
    await until(world, () => third.running && stored().length === 2);
    expect(stored()).toEqual(["a", "b"]);
  });
});
