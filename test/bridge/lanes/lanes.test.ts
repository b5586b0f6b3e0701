import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RecordsHeader } from "../../../src/bridge/frames/frame.ts";
import { soundFrame } from "../../../src/bridge/frames/sound-frame.ts";
import { type AdmitLater, Lanes } from "../../../src/bridge/lanes/lanes.ts";
import { Progress } from "../../../src/bridge/links/progress.ts";
import { inForce } from "../../../src/bridge/publish/publication.ts";
import { Stream } from "../../../src/bridge/publish/stream.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { digestOfBytes } from "../../../src/kernel/digest.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type { SourceBatch } from "../../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../../src/kernel/record.ts";
import type { Admit } from "../../../src/mesh/admit.ts";
import { admitParts, countOf } from "../../../src/mesh/admit-parts.ts";
import { kernelAdmit } from "../../../src/mesh/kernel-admit.ts";
import { kernelModule } from "../../../src/mesh/kernel-module.ts";
import type { Route } from "../../../src/mesh/route.ts";
import { AGREEMENT } from "../../mesh/two-companies.ts";
import { recordsHeader, sealFrame } from "../../support/wire-frames.ts";
import { demand, denied, type Gateways, twoGateways } from "../two-gateways.ts";

const LANE = new URL("../../../src/lane.ts", import.meta.url);
const here = kernelAdmit(recordCodec, kernelModule());
let world: Gateways;
let lanes: Lanes;
let threads: Worker[];

beforeEach(async () => {
  world = await twoGateways(1);
  threads = [];
  lanes = new Lanes(2, () => {
    const thread = new Worker(LANE, { workerData: world.aurora.keys.laneSecrets });
    threads.push(thread);
    return thread;
  });
});
afterEach(async () => await lanes.close());

function route(changes: Partial<Route["plan"]> = {}): Route {
  const current = inForce(() => world.publications.current(AGREEMENT));
  return { ...current.route, plan: { ...current.route.plan, ...changes }, topicId: "ab".repeat(16) };
}

const position = (partition: number, offset: number) => ({
  partition,
  offset: BigInt(offset),
  leaderEpoch: 0,
});
function run(partition: number, ...batches: readonly OutboundRecord[][]): SourceBatch {
  const bytes = batches.map((records) => recordCodec.encode(records));
  return { from: position(partition, 0), next: position(partition, 9), batches: bytes, end: 9n };
}

describe("a lane decides", () => {
  test("exactly as the gateway's own thread does, whatever the partition", async () => {
    const now = world.clock.now();
    for (const partition of [0, 1, 2]) {
      const batch = run(partition, [demand("a"), denied("b")], [demand("c")]);
      const expected = here(batch, route(), 7, now);
      expect(expected.count).toBeGreaterThan(0);
      const admitted = { ...expected, body: new Uint8Array(expected.body ?? []) };
      expect(await lanes.admit(batch, route(), 7, now)).toEqual([{ next: batch.next, admitted }]);
    }
    expect(threads).toHaveLength(2);
  });

  test("by the plan that it is given, also when that changes", async () => {
    const now = world.clock.now();
    const batch = run(0, [demand("a")]);
    const closed = route({ validity: { from: 0, until: 1 } });
    const counts = [
      await lanes.admit(batch, route(), 0, now),
      await lanes.admit(batch, closed, 0, now),
      await lanes.admit(batch, route(), 0, now),
    ].map(countOf);
    expect(counts).toEqual([1, 0, 1]);
  });

  test("and leaves the batches that it was given as they were", async () => {
    const batch = run(0, [demand("a")]);
    await lanes.admit(batch, route(), 0, world.clock.now());
    expect(recordCodec.decode(batch.batches[0] ?? new Uint8Array(), 0n, 1e6)).toHaveLength(1);
  });
});

describe("a lane opens", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const records = [demand("a"), { ...demand("b"), value: null }];
  function sealed(changes: Partial<RecordsHeader> = {}): Buffer {
    const body = recordCodec.encode(records);
    const header = { ...recordsHeader(2), body: digestOfBytes(body), ...changes };
    return sealFrame(header, body, privateKey).subarray(4);
  }

  test("a frame exactly as the gateway's own thread does", async () => {
    const bytes = sealed();
    const expected = soundFrame(bytes, [publicKey], recordCodec);
    expect(expected.tombstones).toBe(1);
    expect(await lanes.open(bytes, [publicKey])).toEqual(expected);
  });

  test("no frame that is signed by somebody else, or does not hold what it says", async () => {
    const other = generateKeyPairSync("ed25519").publicKey;
    const refused = { code: "LINK_FRAME_REFUSED" };
    await expect(lanes.open(sealed(), [other])).rejects.toMatchObject(refused);
    await expect(lanes.open(sealed({ count: 3 }), [publicKey])).rejects.toMatchObject(refused);
  });
});

describe("a stream asks a lane", () => {
  test("about runs that are worth it, and decides small ones by itself, with the sequences of both", async () => {
    const large = { ...demand("b"), headers: [["large", randomBytes(40_000)]] } satisfies OutboundRecord;
    const runs = [[demand("a")], [large], [demand("c")]].map((records, at) => {
      const { batches, end } = run(0, records);
      for (const batch of batches) Buffer.from(batch.buffer, batch.byteOffset).writeBigInt64BE(BigInt(at), 0);
      const release = (): void => {
        for (const batch of batches) batch.fill(0);
      };
      return { from: position(0, at), next: position(0, at + 1), batches, end, release };
    });
    const asked: number[] = [];
    const given: number[] = [];
    const admit: Admit = (batch, route, sequence, now) => {
      given.push(sequence);
      return here(batch, route, sequence, now);
    };
    const admitLater: AdmitLater = async (batch, ...rest) => {
      asked.push(Number(batch.from.offset));
      return await Promise.resolve(admitParts(admit, batch, ...rest));
    };
    const publication = inForce(() => world.publications.current(AGREEMENT));
    const ports = { ...world.ports, admit, admitLater };
    const stream = await Stream.open(publication, new Map(), ports, new Progress());
    async function* incoming(): AsyncGenerator<SourceBatch> {
      yield* runs;
    }
    const sequences: number[] = [];
    for await (const step of stream.steps(incoming(), () => publication, world.clock)) {
      const outgoing = stream.admit(step, publication, world.clock.now());
      sequences.push(...(outgoing?.drafts.map(({ header }) => header.sequence) ?? []));
    }
    expect(asked).toEqual([1]);
    expect(given).toEqual([0, 1, 2]);
    expect(sequences.slice(-3)).toEqual([0, 1, 2]);
  });

  test("by the plan of the moment in which a run's turn has come", async () => {
    const large = { ...demand("b"), headers: [["large", randomBytes(40_000)]] } satisfies OutboundRecord;
    const answers: PromiseWithResolvers<void>[] = [];
    const plans: string[] = [];
    const admitLater: AdmitLater = async (batch, route, ...rest) => {
      plans.push(route.plan.digest);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      await answer.promise;
      return admitParts(here, batch, route, ...rest);
    };
    let publication = inForce(() => world.publications.current(AGREEMENT));
    const before = publication.route.plan;
    const stream = await Stream.open(publication, new Map(), { ...world.ports, admitLater }, new Progress());
    async function* incoming(): AsyncGenerator<SourceBatch> {
      yield run(0, [large]);
      yield run(0, [large]);
    }
    const steps = Array.fromAsync(stream.steps(incoming(), () => publication, world.clock));
    await vi.waitUntil(() => answers.length === 1);
    const plan = { ...before, digest: "the next plan" };
    publication = { ...publication, route: { ...publication.route, plan } };
    answers[0]?.resolve();
    await vi.waitUntil(() => answers.length === 2);
    answers[1]?.resolve();
    await steps;
    expect(plans).toEqual([before.digest, plan.digest]);
  });
});

describe("a lane that fails", () => {
  test("tells our own errors by their codes", async () => {
    const broken = recordCodec.encode([demand("a")]).slice();
    broken[70] = (broken[70] ?? 0) ^ 0xff;
    const batch = { ...run(0), batches: [broken] };
    const deciding = lanes.admit(batch, route(), 0, world.clock.now());
    await expect(deciding).rejects.toSatisfy(
      (error) => error instanceof MeshError && error.code.startsWith("SOURCE_"),
    );
  });

  test("by dying decides nothing, and the next call starts another", async () => {
    const now = world.clock.now();
    const batch = run(0, [demand("a")]);
    const by = route();
    await lanes.admit(batch, by, 0, now);
    const [thread] = threads;
    // Whatever it is asked from then on lies with a thread that runs no more; that it has gone, nobody knows yet.
    const dying = thread?.terminate();
    await expect(lanes.admit(batch, by, 0, now)).rejects.toMatchObject({ code: "INTERNAL" });
    await dying;
    expect(countOf(await lanes.admit(batch, by, 0, now))).toBe(1);
    expect(threads).toHaveLength(2);
  });
});
