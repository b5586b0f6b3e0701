import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Company } from "../../dev/company/company.ts";
import { freePorts } from "../../dev/kafka/ports.ts";
import type { Json } from "../../src/kernel/json.ts";
import { readKeys } from "../../src/tenants/keys.ts";
import { eachFrame } from "../support/wire-frames.ts";
import { type Caller, hear, open } from "./caller.ts";
import { order, writeContract } from "./contract.ts";
import { FalsePublisher, flipped, framed, headerOf, resigned, type WireFrame } from "./false-publisher.ts";
import { Follower, numberOf } from "./follower.ts";
import { act, decisions, link, metrics } from "./operator.ts";
import { Pair } from "./pair.ts";

const STREAMS = ["target", "other"];
const NUMBERS = [1, 2, 3];

let pair: Pair;
let agreement = "";
let other = "";
/** Frames of the stream as it was recorded, one a record. */
let frames: readonly WireFrame[] = [];
let foreign: readonly WireFrame[] = [];
let third: Company;
let stranger: Company;
const answers = new Map<string, Json>();

beforeAll(async () => {
  pair = await Pair.start();
  await Promise.all(STREAMS.map((name) => pair.topic(name)));
  const [one = 0, two = 0] = await freePorts(2);
  const kafka = pair.auroraKafka.bootstrap;
  [third, stranger] = await Promise.all([
    Company.init(pair.folder, "third", { id: "urn:bpn:BPNL00000001THRD", name: "Third", kafka, port: one }),
    Company.init(pair.folder, "stranger", {
      id: "urn:bpn:BPNL00000002STRG",
      name: "Stranger",
      kafka,
      port: two,
    }),
    pair.publish(...STREAMS.map((name) => writeContract(pair.folder, { name, topic: name }))),
  ]);
  await pair.accept(pair.aurora, third, "third");
  agreement = await pair.share("target");
  other = await pair.share("other");
  // The first frame holds nothing but the first cursor: it is in, and what comes next is recorded.
  await vi.waitUntil(
    async () => Number((await metrics(pair.helix))[`link.frame.committed{${agreement}}`] ?? 0) > 0,
    { timeout: 20_000, interval: 50 },
  );
  await pair.helix.stop();
}, 120_000);
afterAll(async () => await pair?.stop());

describe("A publisher", () => {
  it("turns away no key, an unknown key and a partner's key with the operator's calls, and writes it down", async () => {
    const stream = `/v1/agreements/${agreement}/stream`;
    const callers: readonly Caller[] = [undefined, stranger];
    for (const caller of callers) {
      for (const path of [stream, `/v1/agreements/${agreement}`, "/v1/contracts/target", "/nothing"]) {
        const { status, body } = await hear(caller, pair.aurora, "GET", path);
        expect([status, JSON.parse(body).code], path).toEqual([401, "NOT_AUTHENTICATED"]);
      }
      expect((await hear(caller, pair.aurora, "POST", stream, { cursors: {} })).status).toBe(401);
    }
    expect((await hear(pair.helix, pair.aurora, "GET", "/operator/things/agreements")).status).toBe(401);
    const refused = await decisions(pair.aurora, { act: "access.refused" });
    const codes = new Set(refused.map((decision) => (decision.kind === "act" ? decision.code : "")));
    expect(codes).toEqual(new Set(["certificate.missing", "pin.unknown", "token.refused", "route.unknown"]));
  }, 30_000);

  it("answers a partner about somebody else's agreement as about none, whatever its state", async () => {
    for (const state of ["approved", "suspended"]) {
      if (state === "suspended") await act(pair.aurora, agreement, "suspend");
      for (const [method, rest, body] of [
        ["GET", "", undefined],
        ["GET", "/stream", undefined],
        ["POST", "/stream", { cursors: {} }],
        ["GET", "/frames", undefined],
      ] as const) {
        const [theirs, none] = await Promise.all(
          [agreement, randomUUID()].map((id) =>
            hear(third, pair.aurora, method, `/v1/agreements/${id}${rest}`, body),
          ),
        );
        expect(theirs, `${method} ${rest} of one that is ${state}`).toEqual(none);
        expect(theirs?.status).toBeGreaterThanOrEqual(400);
      }
    }
    await act(pair.aurora, agreement, "resume");
  }, 30_000);
});

describe("A subscriber whose publisher's connection is in false hands", () => {
  let replica: Follower<number>;
  let publisher: FalsePublisher;

  beforeAll(async () => {
    frames = await recorded("target", agreement);
    foreign = await recorded("other", other);
    for (const path of [`/v1/agreements/${agreement}`, `/v1/agreements/${agreement}/stream`])
      answers.set(path, JSON.parse((await hear(pair.helix, pair.aurora, "GET", path)).body));
    await pair.aurora.stop();
    publisher = await FalsePublisher.start(pair.aurora, answers);
    replica = new Follower(pair.helixKafka.bootstrap, "aurora.target", numberOf);
  }, 60_000);
  afterAll(async () => {
    await publisher?.stop();
    await replica?.stop();
  });

  /** Serves a script and waits until Helix has refused a frame of it. */
  async function refuses(script: readonly Buffer[]): Promise<string> {
    const asked = await publisher.say(script);
    const line = await pair.helix.told(
      ({ code, time }) => code === "LINK_FRAME_REFUSED" && Date.parse(time) >= asked,
      { patienceMs: 30_000 },
    );
    return line.detail ?? "";
  }

  it("refuses a frame of which one bit was changed, wherever, and stores nothing of it", async () => {
    const [first, second] = wire(frames);
    await pair.helix.serve();
    for (const part of ["length", "header", "signature", "body"] as const)
      expect(await refuses([framed(flipped(first, part))]), part).toMatch(/^A frame was refused: /);
    expect(await refuses([framed(first).subarray(0, -1), framed(second)])).toMatch(/refused/);
    expect(await refuses([Buffer.alloc(8, 0xff)])).toMatch(/longer than any frame/);
    expect(await link(pair.helix, agreement)).toMatchObject({ code: "LINK_FRAME_REFUSED", records: 0 });
    expect(replica.entries).toEqual([]);
  }, 90_000);

  it("refuses frames in another order, of another agreement, and of another's signature, and stores nothing of them", async () => {
    await pair.helix.kill();
    const [first, second] = wire(frames);
    await pair.helix.serve();
    expect(await refuses([framed(second), framed(first)])).toMatch(/sequence|follow/);
    expect(await refuses([framed(second)])).toMatch(/sequence|follow/);
    expect(await refuses(foreign.map(framed))).toMatch(/another agreement/);
    const { signingKey } = readKeys((name) => readFileSync(join(third.folder, "keys", name), "utf8"));
    expect(await refuses([framed(resigned(first, signingKey))])).toMatch(/signature/);
    expect(replica.entries).toEqual([]);
  }, 90_000);

  it("stores what is sound once, and refuses it when it is played again", async () => {
    await pair.helix.kill();
    await Promise.all([publisher.say(frames.map(framed)), pair.helix.serve()]);
    await replica.until(({ length }) => length === NUMBERS.length);
    expect(await refuses(frames.map(framed))).toMatch(/sequence|follow/);
    expect(await refuses(frames.slice(-1).map(framed))).toMatch(/sequence|follow/);
    await sleep(300);
    expect(replica.entries).toEqual(NUMBERS);
  }, 60_000);

  it("goes on where it was as soon as the publisher is back", async () => {
    await publisher.stop();
    await pair.helix.kill();
    await Promise.all([pair.aurora.serve(), pair.helix.serve()]);
    await pair.producer.send({ topic: "target", messages: [{ value: order(4) }] });
    await replica.until(({ length }) => length === NUMBERS.length + 1, 30_000);
    expect(replica.entries).toEqual([...NUMBERS, 4]);
  }, 60_000);
});

/** The stream after its first, empty frame, as it passes on the wire while one record after the other is written. */
async function recorded(topic: string, id: string): Promise<readonly WireFrame[]> {
  const answer = await open(pair.helix, pair.aurora, "POST", `/v1/agreements/${id}/stream`, { cursors: {} });
  const found: WireFrame[] = [];
  for await (const frame of eachFrame(answer)) {
    const header = headerOf(frame);
    if (header.kind !== "records") continue;
    if (header.count > 0) found.push(Buffer.from(frame));
    const next = NUMBERS[found.length];
    if (next === undefined) break;
    await pair.producer.send({ topic, messages: [{ value: order(next) }] });
  }
  answer.destroy();
  return found;
}

function wire([first, second]: readonly WireFrame[]): readonly [WireFrame, WireFrame] {
  if (first === undefined || second === undefined) throw new Error("Too few frames came.");
  return [first, second];
}
